/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kit: what collaboration patterns have in common: a plan read from the configuration, a state that
 * saves itself, members that are called, and values found by JSON pointer.
 *
 * A pattern gives a table (struct kit_pattern) and ends with KIT_PLUGIN. What is left to it is what
 * is special: the keys of its configuration, what it asks first, and what it does with an answer.
 */
#ifndef PATTERNS_KIT_H
#define PATTERNS_KIT_H

#include <stddef.h>
#include <tdev/plugin.h>

enum {
    KIT_PATH_MAX = 160,       /* bytes of an ask's path */
    KIT_NAME_BYTES = 96,      /* of a member's name in a path; the rest is cut */
    KIT_TEXT_BYTES = 1 << 20, /* of a text that is read as JSON */
    KIT_TEXT_DEPTH = 32,      /* of what it holds */
    KIT_RULES_MAX = 20,       /* of one condition */
};

/* --- the pattern --- */

enum kit_field_kind {
    KIT_END_ = 0,
    KIT_COUNT_,  /* size_t */
    KIT_VALUE_,  /* json_t *, may be NULL; what it points to is never changed */
    KIT_LIST_,   /* json_t *, an array, made before start; its items are never changed */
    KIT_OBJECT_, /* json_t *, an object, likewise */
};

/* One member of a state. A list of them ends with KIT_END. */
struct kit_field {
    enum kit_field_kind kind;
    const char *name;
    size_t offset;
};
#define KIT_FIELD(state, member, kind, type)                                                       \
    {                                                                                              \
        kind, #member, TD_MEMBER(state, member, type)                                              \
    }
#define KIT_COUNT(state, member) KIT_FIELD(state, member, KIT_COUNT_, size_t)
#define KIT_VALUE(state, member) KIT_FIELD(state, member, KIT_VALUE_, json_t *)
#define KIT_LIST(state, member) KIT_FIELD(state, member, KIT_LIST_, json_t *)
#define KIT_OBJECT(state, member) KIT_FIELD(state, member, KIT_OBJECT_, json_t *)
#define KIT_END                                                                                    \
    {                                                                                              \
        KIT_END_, NULL, 0                                                                          \
    }

/* What a pattern is. All of a state's members that change stand in `fields`. */
struct kit_pattern {
    size_t plan_size; /* of its plan, whose first member is struct kit_plan */
    const struct kit_field *fields;
    int (*read)(void *plan, const json_t *config, struct td_err *err);
    int (*start)(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err);
    /* done, failed or a signal */
    int (*fold)(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err);
    /* NULL: the run ends at once, and all that is under way is taken back */
    int (*cancel)(void *state, const void *plan, struct td_asks *asks, struct td_err *err);
    /* whether a state that was loaded fits the plan; NULL: any does */
    bool (*fits)(const void *state, const void *plan);
};

/* A plan lives from prepare to release; so does all that kit_alloc gave. Read-only after `read`. */
struct kit_plan {
    const struct kit_pattern *pattern;
    json_t *config; /* held: texts of the plan are its own */
    struct kit_block *blocks;
};

/* The functions of a reducer, but for prepare, which KIT_PLUGIN makes. */
int kit_prepare(const struct kit_pattern *pattern, const json_t *config, void **ret_plan,
                struct td_err *err);
void kit_release(void *plan);
int kit_start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
              struct td_err *err);
int kit_fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
             struct td_err *err);
json_t *kit_save(const void *state, const void *plan, struct td_err *err);
int kit_load(void *state, const void *plan, const json_t *saved, uint32_t version,
             struct td_err *err);
void kit_drop(void *state, const void *plan);

#define KIT_PLUGIN(name_, version_, pattern_, state_)                                              \
    static int prepare(const json_t *config, void **ret_plan, struct td_err *err)                  \
    {                                                                                              \
        return kit_prepare(&(pattern_), config, ret_plan, err);                                    \
    }                                                                                              \
    static const struct td_reducer kit_reducer = {                                                 \
        TD_SIZE(struct td_reducer), .state_version = 1,         .state_size = sizeof(state_),      \
        .prepare = prepare,         .release = kit_release,     .start = kit_start,                \
        .fold = kit_fold,           .save = kit_save,           .load = kit_load,                  \
        .drop = kit_drop,           .flags = TD_REDUCER_SHARES,                                    \
    };                                                                                             \
    static const struct td_pattern kit_td_pattern = { TD_SIZE(struct td_pattern),                  \
                                                      .reducer = &kit_reducer };                   \
    static const struct td_plugin kit_td_plugin = {                                                \
        TD_SIZE(struct td_plugin), .kind = TD_KIND_PATTERN,    .name = (name_),                    \
        .version = (version_),     .pattern = &kit_td_pattern,                                     \
    };                                                                                             \
    TD_PLUGIN(kit_td_plugin)

/* --- the configuration: each names the key it reads, and what may stand there --- */

/** Zeroed memory that lives as long as the plan. NULL: there is none, told in err. */
void *kit_alloc(struct kit_plan *plan, size_t size, struct td_err *err);
/** A whole number; `fallback` when the key is not there. */
int kit_count(const json_t *config, const char *key, size_t min, size_t max, size_t fallback,
              size_t *ret_count, struct td_err *err);
/** One of `words`, which end with NULL: its place; `fallback` when the key is not there. */
int kit_choice(const json_t *config, const char *key, const char *const *words, unsigned fallback,
               unsigned *ret_choice, struct td_err *err);
/** A duration such as "1h30m", in milliseconds; 0 when the key is not there. */
int kit_duration(const json_t *config, const char *key, uint32_t *ret_ms, struct td_err *err);
/** A text; `fallback` when the key is not there. Borrowed from the configuration. */
int kit_text(const json_t *config, const char *key, const char *fallback, const char **ret_text,
             struct td_err *err);
/** Likewise, a JSON pointer. */
int kit_pointer(const json_t *config, const char *key, const char *fallback, const char **ret_text,
                struct td_err *err);
/** A condition: a list of rules {at: POINTER, TEST: VALUE, ...}; NULL when the key is not there.
 * Borrowed from the configuration. */
int kit_rules(const json_t *config, const char *key, const json_t **ret_rules, struct td_err *err);
/** Whether all rules of a condition hold for a value; NULL does for any. */
bool kit_rules_hold(const json_t *rules, const json_t *value);

/* --- members: who is called --- */

/* Of a tag: the answer is that of a strict member. Patterns never see it. */
#define KIT_STRICT (UINT64_C(1) << 63)

/* An agent's action, a pattern or a workflow, with a policy. Its texts are the configuration's. */
struct kit_member {
    const char *name; /* for reports and paths; the target's when not given */
    enum td_target target;
    const char *target_name, *action;
    const json_t *config; /* of a pattern */
    const json_t *input;  /* NULL: it gets what there is; else the form of its input (kit_fill) */
    const json_t *text;   /* all of it, for keys that one pattern adds */
    bool is_strict;       /* `success: false` in what it gives counts as a failure (kit_fold) */
    bool has_policy;      /* of an agent only: runs have no attempts */
    struct td_policy policy;
};

/** Reads one; `what` names it in errors, like "stage 2" or "the judge". */
int kit_member_read(const json_t *text, const char *what, struct kit_member *ret_member,
                    struct td_err *err);
/** Reads the list `key` of `min` to `max` members; `word` is what one of them is called. The list
 * lives as long as the plan. */
int kit_members(struct kit_plan *plan, const json_t *config, const char *key, const char *word,
                size_t min, size_t max, struct kit_member **ret_members, size_t *ret_count,
                struct td_err *err);
/** The single member `key`; *ret_member is NULL when it is not there. */
int kit_member(struct kit_plan *plan, const json_t *config, const char *key,
               struct kit_member **ret_member, struct td_err *err);
/** Likewise; it must be there. */
int kit_member_needed(struct kit_plan *plan, const json_t *config, const char *key,
                      struct kit_member **ret_member, struct td_err *err);

/** Reads {max_attempts, backoff, initial, max, jitter} into a policy. */
int kit_retry(const json_t *text, struct td_policy *policy, struct td_err *err);
/** Refuses two members of one name; `word` is what one of them is called. */
int kit_members_unique(const struct kit_member *members, size_t count, const char *word,
                       struct td_err *err);

/** Calls a member. `given` is borrowed; the member's own `input` is filled from it. A tag is less
 * than 2^63. */
int kit_ask(const struct kit_member *member, const char *path, uint64_t tag, const json_t *given,
            struct td_asks *asks, uint32_t *ret_ask, struct td_err *err);
/** Likewise, at the path "NAME[NTH]". */
int kit_ask_nth(const struct kit_member *member, size_t nth, uint64_t tag, const json_t *given,
                struct td_asks *asks, uint32_t *ret_ask, struct td_err *err);
/** Both with what was made for it: `given` is taken, NULL tells a lack of memory. */
int kit_ask_made(const struct kit_member *member, const char *path, uint64_t tag, json_t *given,
                 struct td_asks *asks, uint32_t *ret_ask, struct td_err *err);
int kit_ask_nth_made(const struct kit_member *member, size_t nth, uint64_t tag, json_t *given,
                     struct td_asks *asks, uint32_t *ret_ask, struct td_err *err);

/** Ends the run with a result; `output` is taken, NULL tells a lack of memory. */
int kit_finish(struct td_asks *asks, json_t *output, struct td_err *err);

/* --- values --- */

/** What stands at a JSON pointer (RFC 6901; "" is all of it). Borrowed, NULL: nothing does. */
json_t *kit_at(const json_t *value, const char *pointer);
/** Whether a text is a JSON pointer. */
bool kit_is_pointer(const char *text);
/** The form with each {"$at": POINTER} replaced by what stands there, or null. new */
json_t *kit_fill(const json_t *form, const json_t *given);
/** A list or an object as it is; a text that is the JSON of one, as models give it, is read.
 * *ret_read: new, NULL: it is neither. Fails on a lack of memory only. */
int kit_reading(const json_t *value, json_t **ret_read, struct td_err *err);
/** The top level of a list or object, all of it. new, NULL on a lack of memory, where json_copy
 * leaves items out. */
json_t *kit_copy(const json_t *value);
/** A text, or null for NULL. new, NULL on a lack of memory, where "s?" and "s*" of json_pack give
 * null or nothing. */
json_t *kit_string(const char *text);
/** Equal as JSON; numbers by their value, so that 1 is 1.0. */
bool kit_equal(const json_t *one, const json_t *other);

/** Append and set that tell a lack of memory; `value` is taken and may be NULL. */
int kit_push(json_t *list, json_t *value, struct td_err *err);
int kit_put(json_t *object, const char *key, json_t *value, struct td_err *err);
/** Append and set for what is being made: on a lack of memory the whole is given up and becomes
 * NULL, which kit_finish tells in the end. `value` is taken and may be NULL. */
void kit_add(json_t **list, json_t *value);
void kit_add_member(json_t **object, const char *key, json_t *value);
/** Likewise a text; NULL adds nothing. */
void kit_add_text(json_t **object, const char *key, const char *text);
/** The object with the members of another; it is taken, and given up on a lack of memory. */
json_t *kit_merged(json_t *object, const json_t *more);
/** Replaces an item; `value` is taken and may be NULL. */
int kit_set(json_t *list, size_t place, json_t *value, struct td_err *err);
/** Replaces what a state holds; `value` is borrowed. */
void kit_hold(json_t **held, const json_t *value);
/** An error as {code, text}, and back. new */
json_t *kit_error_json(const struct td_err *error);
void kit_error_read(const json_t *value, struct td_err *ret_error);
/** Fails the run with another error; the text tells who it was, like `stage "x"`. */
int kit_fail_as(const struct td_err *error, struct td_err *err, const char *fmt, ...)
    TD_PRINTF(3, 4);

#endif
