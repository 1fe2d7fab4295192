/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_read: the keys of a chain, its links and its middleware, and which of them go together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "flow/chain.h"
#include "flow/plan.h"

const char *const tdh_chain_hooks[4] = { "before_chain", "before_link", "after_link",
                                         "after_chain" };

bool tdh_chain_is(const json_t *text)
{
    return strcmp(tdh_json_str(text, "kind", ""), TDH_CHAIN_KIND) == 0;
}

/* --- telling --- */

static int complain(const struct tdh_chain *chain, const char *pointer, const char *words,
                    struct td_err *err)
{
    return tdh_yaml_fail(chain->yaml, pointer, err, TD_E_CONFIG, "%s", words);
}

static int complain_of(const struct tdh_chain *chain, const char *pointer, const char *key,
                       const char *words, struct td_err *err)
{
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/%s", pointer, key);
    return complain(chain, at, words, err);
}

static int check_keys(const struct tdh_chain *chain, const json_t *text, const char *pointer,
                      const char *const *known, size_t count, const char *whose, struct td_err *err)
{
    const char *key, *near;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        struct tdh_place place;
        char at[TDH_POINTER_MAX];
        size_t i = 0;

        while (i < count && strcmp(known[i], key) != 0)
            i++;
        if (i < count)
            continue;
        near = tdh_near(key, known, count);
        snprintf(at, sizeof(at), "%s/%.60s", pointer, key);
        place = tdh_yaml_key_place(chain->yaml, at);
        return td_fail(err, TD_E_CONFIG, "%s:%u:%u: unrecognized key \"%.60s\" of %s%s%s%s",
                       chain->yaml->name, place.line, place.column, key, whose,
                       near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    }
    return 0;
}
#define CHECK_KEYS(chain, text, pointer, known, whose, err)                                        \
    check_keys(chain, text, pointer, known, sizeof(known) / sizeof((known)[0]), whose, err)

/* The place of a word in a list that ends with NULL; -1: told. */
static int choose(const struct tdh_chain *chain, const json_t *value, const char *pointer,
                  const char *const *words, const char *complaint, struct td_err *err)
{
    const char *text = json_string_value(value);
    int i = 0;

    while (words[i] != NULL && (text == NULL || strcmp(words[i], text) != 0))
        i++;
    return words[i] != NULL ? i : complain(chain, pointer, complaint, err);
}

/* --- ids --- */

/* A name that can be written in CEL, and that no id of ours looks like: those have "__". */
static bool is_link_id(const char *id)
{
    static const char *const reserved[] = { "as",      "break",  "const",    "continue",  "else",
                                            "false",   "for",    "function", "if",        "import",
                                            "in",      "let",    "loop",     "namespace", "null",
                                            "package", "return", "true",     "var",       "void",
                                            "while" };
    size_t length = strlen(id);

    if (length == 0 || length >= TDH_CHAIN_ID || strstr(id, "__") != NULL ||
        strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != length ||
        (id[0] >= '0' && id[0] <= '9') || id[length - 1] == '_')
        return false;
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (strcmp(reserved[i], id) == 0)
            return false;
    return true;
}

static bool is_taken(const struct tdh_chain *chain, const char *id)
{
    for (size_t i = 0; i < chain->link_count; i++)
        if (strcmp(chain->links[i].id, id) == 0)
            return true;
    for (size_t i = 0; i < chain->step_count; i++)
        if (strcmp(chain->steps[i].id, id) == 0)
            return true;
    return false;
}

/* A link without an id has the name of what it calls. */
static void make_id(const struct tdh_chain *chain, const char *name, size_t number,
                    char id[static TDH_CHAIN_ID])
{
    snprintf(id, TDH_CHAIN_ID, "%.30s", name);
    for (char *at = id; *at != '\0'; at++)
        *at = *at == '-' ? '_' : *at;
    if (!is_link_id(id))
        snprintf(id, TDH_CHAIN_ID, "link");
    if (is_taken(chain, id))
        snprintf(id + strlen(id), TDH_CHAIN_ID - strlen(id), "_%zu", number);
}

static int read_id(const struct tdh_chain *chain, const json_t *text, const char *pointer,
                   const char *name, size_t number, char id[static TDH_CHAIN_ID],
                   struct td_err *err)
{
    const json_t *value = json_object_get(text, "id");

    if (value == NULL) {
        make_id(chain, name, number, id);
        return 0;
    }
    if (!json_is_string(value) || !is_link_id(json_string_value(value)))
        return complain_of(chain, pointer, "id",
                           "must be a name of at most 40 letters, digits and \"_\" that CEL can "
                           "read, and without \"__\"",
                           err);
    if (is_taken(chain, json_string_value(value)))
        return tdh_yaml_fail(chain->yaml, pointer, err, TD_E_CONFIG, "there are two links \"%s\"",
                             json_string_value(value));
    snprintf(id, TDH_CHAIN_ID, "%s", json_string_value(value));
    return 0;
}

/* --- calls --- */

static const char *const targets[] = { "agent", "workflow", "pattern" };

/* Which of the targets it names; -1: told. */
static int check_target(const struct tdh_chain *chain, const json_t *text, const char *pointer,
                        struct td_err *err)
{
    int found = -1;

    if (!json_is_object(text))
        return complain(chain, pointer, "must be a map such as {agent: shop, action: charge}", err);
    for (int i = 0; i < 3; i++) {
        if (json_object_get(text, targets[i]) == NULL)
            continue;
        if (found >= 0)
            return complain(chain, pointer, "calls one of \"agent\", \"workflow\" and \"pattern\"",
                            err);
        found = i;
    }
    if (found < 0)
        return complain(chain, pointer, "needs an \"agent\" and its \"action\"", err);
    if (found == 0 && json_object_get(text, "action") == NULL)
        return complain(chain, pointer, "needs the \"action\" of its agent", err);
    return found;
}

static int check_on_error(const struct tdh_chain *chain, const json_t *text, const char *pointer,
                          struct td_err *err)
{
    static const char *const words[] = { "compensate", "fail", "skip", NULL };
    static const char *const values[] = { "value" };
    static const char *const calls[] = {
        "agent", "action", "inputs", "outputs", "retry", "timeout"
    };
    const char *const complaint =
        "must be compensate, fail, skip, {value: ...} or {agent: ..., action: ...}";
    const json_t *value = json_object_get(text, "on_error");
    char at[TDH_POINTER_MAX];

    if (value == NULL)
        return 0;
    snprintf(at, sizeof(at), "%s/on_error", pointer);
    if (!json_is_object(value))
        return choose(chain, value, at, words, complaint, err) < 0 ? -1 : 0;
    if (json_object_get(value, "value") != NULL)
        return CHECK_KEYS(chain, value, at, values, "\"on_error\"", err);
    if (json_object_get(value, "agent") == NULL)
        return complain(chain, at, complaint, err);
    return check_target(chain, value, at, err) < 0
               ? -1
               : CHECK_KEYS(chain, value, at, calls, "\"on_error\"", err);
}

/* --- links --- */

static const char *const link_keys[] = { "id",          "agent",      "action",      "workflow",
                                         "pattern",     "config",     "inputs",      "outputs",
                                         "when",        "retry",      "timeout",     "in_doubt",
                                         "on_error",    "compensate", "description", "over",
                                         "max_parallel" };

static int read_link(struct tdh_chain *chain, const json_t *text, const char *pointer,
                     struct td_err *err)
{
    struct tdh_chain_link *link = &chain->links[chain->link_count];
    int target = check_target(chain, text, pointer, err);

    if (target < 0 || CHECK_KEYS(chain, text, pointer, link_keys, "a link", err) != 0 ||
        check_on_error(chain, text, pointer, err) != 0 ||
        read_id(chain, text, pointer, tdh_json_str(text, targets[target], ""),
                chain->link_count + 1, link->id, err) != 0)
        return -1;
    if (json_object_get(text, "when") != NULL && chain->strategy != CHAIN_CONDITIONAL) {
        complain_of(chain, pointer, "when", "a condition needs \"strategy: conditional\"", err);
        return -1;
    }
    if (json_object_get(text, "max_parallel") != NULL && json_object_get(text, "over") == NULL)
        return complain_of(chain, pointer, "max_parallel", "\"max_parallel\" needs \"over\"", err);
    link->text = text;
    link->number = chain->link_count++;
    snprintf(link->pointer, sizeof(link->pointer), "%s", pointer);
    return 0;
}

/* A link that is passed over has no value that could be first. */
static int check_merge(const struct tdh_chain *chain, const struct tdh_chain_step *step,
                       struct td_err *err)
{
    const char *merge = json_string_value(tdh_chain_merge(step));

    for (size_t i = 0; merge != NULL && strcmp(merge, "first") == 0 && i < step->count; i++) {
        const struct tdh_chain_link *link = &chain->links[step->first + i];
        const char *on_error =
            tdh_json_str(link->text, "on_error", chain->recovery == RECOVERY_SKIP ? "skip" : "");

        if (json_object_get(link->text, "when") != NULL || strcmp(on_error, "skip") == 0)
            return complain(chain, link->pointer,
                            "with \"merge: first\" no link may be skipped: it would be the first",
                            err);
    }
    return 0;
}

static int read_group(struct tdh_chain *chain, struct tdh_chain_step *step, const json_t *links,
                      const char *pointer, struct td_err *err)
{
    char at[TDH_CHAIN_POINTER];

    if (!json_is_array(links) || json_array_size(links) == 0)
        return complain(chain, pointer, "must be a list of links", err);
    for (size_t i = 0; i < json_array_size(links); i++) {
        snprintf(at, sizeof(at), "%s/%zu", pointer, i);
        if (chain->link_count == TDH_CHAIN_LINKS)
            return complain(chain, at, "a chain has at most 1000 links", err);
        if (read_link(chain, json_array_get(links, i), at, err) != 0)
            return -1;
    }
    step->count = json_array_size(links);
    return check_merge(chain, step, err);
}

static int read_step(struct tdh_chain *chain, const json_t *text, const char *pointer,
                     struct td_err *err)
{
    static const char *const keys[] = { "id", "parallel", "merge", "description" };
    struct tdh_chain_step *step = &chain->steps[chain->step_count];
    const json_t *group = json_object_get(text, "parallel");
    char at[TDH_POINTER_MAX];

    step->text = text;
    step->first = chain->link_count;
    step->count = 1;
    step->is_group = group != NULL;
    snprintf(step->pointer, sizeof(step->pointer), "%s", pointer);
    if (chain->link_count == TDH_CHAIN_LINKS)
        return complain(chain, pointer, "a chain has at most 1000 links", err);
    if (group == NULL) {
        chain->step_count++;
        return read_link(chain, text, pointer, err);
    }
    snprintf(at, sizeof(at), "%s/parallel", pointer);
    if (CHECK_KEYS(chain, text, pointer, keys, "a group of links", err) != 0 ||
        read_id(chain, text, pointer, "group", chain->step_count + 1, step->id, err) != 0)
        return -1;
    chain->step_count++;
    return read_group(chain, step, group, at, err);
}

/* With `strategy: parallel` all links are one group. */
static int read_links(struct tdh_chain *chain, struct td_err *err)
{
    const json_t *links = json_object_get(chain->text, "links");
    char at[TDH_CHAIN_POINTER];

    if (links == NULL)
        return complain(chain, "", "a chain needs \"links\"", err);
    if (!json_is_array(links) || json_array_size(links) == 0)
        return complain(chain, "/links", "must be a list of links", err);
    chain->links = calloc(TDH_CHAIN_LINKS, sizeof(*chain->links));
    chain->steps = calloc(json_array_size(links), sizeof(*chain->steps));
    if (chain->links == NULL || chain->steps == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the links of a chain");
    if (chain->strategy == CHAIN_PARALLEL) {
        chain->steps[0] =
            (struct tdh_chain_step){ .text = chain->text, .is_group = true, .id = "chain__merge" };
        chain->step_count = 1;
        return read_group(chain, &chain->steps[0], links, "/links", err);
    }
    for (size_t i = 0; i < json_array_size(links); i++) {
        snprintf(at, sizeof(at), "/links/%zu", i);
        if (read_step(chain, json_array_get(links, i), at, err) != 0)
            return -1;
    }
    return 0;
}

const json_t *tdh_chain_merge(const struct tdh_chain_step *step)
{
    return json_object_get(step->text, "merge");
}

/* --- middleware --- */

static int check_hook(const struct tdh_chain *chain, const json_t *hook, const char *pointer,
                      struct td_err *err)
{
    static const char *const values[] = { "value" };
    static const char *const calls[] = { "agent", "action",  "inputs",   "outputs",
                                         "retry", "timeout", "in_doubt", "on_error" };
    const json_t *on_error = json_object_get(hook, "on_error");

    if (json_is_string(hook))
        return 0;
    if (json_object_get(hook, "value") != NULL)
        return CHECK_KEYS(chain, hook, pointer, values, "a hook", err);
    if (!json_is_object(hook) || json_object_get(hook, "agent") == NULL)
        return complain(chain, pointer,
                        "must be a template such as \"${value}\", {value: ...} or "
                        "{agent: ..., action: ...}",
                        err);
    if (check_target(chain, hook, pointer, err) < 0 ||
        CHECK_KEYS(chain, hook, pointer, calls, "a hook", err) != 0)
        return -1;
    if (on_error != NULL && (json_object_get(hook, "outputs") != NULL || !json_is_string(on_error)))
        return complain_of(chain, pointer, "on_error",
                           "of a hook must be compensate, fail or skip, and only where the hook "
                           "has no \"outputs\"",
                           err);
    return 0;
}

static int check_middleware(const struct tdh_chain *chain, struct td_err *err)
{
    static const char *const keys[] = { "id",          "description", "before_chain",
                                        "before_link", "after_link",  "after_chain" };
    const json_t *list = json_object_get(chain->text, "middleware");
    char at[TDH_CHAIN_POINTER], hook_at[TDH_POINTER_MAX];

    if (list == NULL)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > TDH_CHAIN_MIDDLEWARE)
        return complain(chain, "/middleware", "must be a list of at most 32 maps of hooks", err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *text = json_array_get(list, i);

        snprintf(at, sizeof(at), "/middleware/%zu", i);
        if (!json_is_object(text))
            return complain(chain, at, "must be a map such as {before_link: \"${value}\"}", err);
        if (CHECK_KEYS(chain, text, at, keys, "middleware", err) != 0)
            return -1;
        for (size_t h = 0; h < 4; h++) {
            const json_t *hook = json_object_get(text, tdh_chain_hooks[h]);

            snprintf(hook_at, sizeof(hook_at), "%s/%s", at, tdh_chain_hooks[h]);
            if (hook != NULL && check_hook(chain, hook, hook_at, err) != 0)
                return -1;
        }
    }
    return 0;
}

/* --- the whole --- */

static int read_recovery(struct tdh_chain *chain, struct td_err *err)
{
    static const char *const words[] = { "compensate", "retry", "skip", "restart", NULL };
    const char *const complaint =
        "must be retry, skip, compensate, restart, {retry: {...}} or {restart: 1 to 100}";
    const json_t *value = json_object_get(chain->text, "recovery");
    const json_t *restart = json_object_get(value, "restart");
    json_int_t count = json_integer_value(restart);
    int word = RECOVERY_RETRY;

    chain->restarts = TDH_CHAIN_RESTARTS;
    if (value == NULL)
        return 0;
    if (!json_is_object(value)) {
        word = choose(chain, value, "/recovery", words, complaint, err);
    } else if (json_object_size(value) != 1 ||
               (restart == NULL && json_object_get(value, "retry") == NULL) ||
               (restart != NULL && (count < 1 || count > TDH_CHAIN_RESTARTS_MAX))) {
        word = complain(chain, "/recovery", complaint, err);
    } else if (restart != NULL) {
        word = RECOVERY_RESTART;
        chain->restarts = (unsigned)count;
    }
    if (word < 0)
        return -1;
    chain->recovery = (enum tdh_chain_recovery)word;
    return 0;
}

static int check_alone(const struct tdh_chain *chain, const char *key,
                       enum tdh_chain_strategy strategy, const char *words, struct td_err *err)
{
    char at[TDH_CHAIN_POINTER];

    snprintf(at, sizeof(at), "/%s", key);
    if (json_object_get(chain->text, key) == NULL || chain->strategy == strategy)
        return 0;
    return complain(chain, at, words, err);
}

static int check_stream(const struct tdh_chain *chain, struct td_err *err)
{
    const json_t *buffer = json_object_get(chain->text, "buffer");
    const json_t *over = json_object_get(chain->text, "over");
    json_int_t count = json_integer_value(buffer);

    if (check_alone(chain, "merge", CHAIN_PARALLEL, "\"merge\" needs \"strategy: parallel\"",
                    err) != 0 ||
        check_alone(chain, "over", CHAIN_PIPELINE, "\"over\" needs \"strategy: pipeline\"", err) !=
            0 ||
        check_alone(chain, "buffer", CHAIN_PIPELINE, "\"buffer\" needs \"strategy: pipeline\"",
                    err) != 0)
        return -1;
    if (chain->strategy == CHAIN_PIPELINE && json_object_get(chain->text, "over") == NULL)
        return complain(chain, "",
                        "a pipeline needs \"over\": the list of what goes through, such as "
                        "\"${input.items}\"",
                        err);
    if (over != NULL && !json_is_array(over) &&
        (!json_is_string(over) || tdh_template_is_plain(over)))
        return complain(chain, "/over",
                        "must be a list, or an expression that gives one such as "
                        "\"${input.items}\"",
                        err);
    if (buffer != NULL && (!json_is_integer(buffer) || count < 0 || count > TDH_CHAIN_BUFFER_MAX))
        return complain(chain, "/buffer", "must be a whole number from 0 to 10000", err);
    return 0;
}

static int read_head(struct tdh_chain *chain, struct td_err *err)
{
    static const char *const keys[] = { "apiVersion",  "kind",       "id",      "version",
                                        "description", "tags",       "timeout", "inputs",
                                        "strategy",    "merge",      "over",    "buffer",
                                        "recovery",    "middleware", "links",   "output",
                                        "announce",    "retention" };
    static const char *const strategies[] = { "sequential", "parallel", "conditional", "pipeline",
                                              NULL };
    const json_t *strategy = json_object_get(chain->text, "strategy");
    int place = CHAIN_SEQUENTIAL;

    if (CHECK_KEYS(chain, chain->text, "", keys, "a chain", err) != 0)
        return -1;
    if (strategy != NULL)
        place = choose(chain, strategy, "/strategy", strategies,
                       "must be sequential, parallel, conditional or pipeline", err);
    chain->strategy = (enum tdh_chain_strategy)place;
    return place < 0 || read_recovery(chain, err) != 0 ? -1 : check_stream(chain, err);
}

int tdh_chain_parse(const struct tdh_yaml *yaml, struct tdh_chain *ret_chain, struct td_err *err)
{
    *ret_chain = (struct tdh_chain){ .yaml = yaml, .text = yaml->root };
    if (read_head(ret_chain, err) == 0 && read_links(ret_chain, err) == 0 &&
        check_middleware(ret_chain, err) == 0)
        return 0;
    tdh_chain_end(ret_chain);
    return -1;
}

void tdh_chain_end(struct tdh_chain *chain)
{
    for (size_t i = 0; i < chain->link_count; i++)
        free(chain->links[i].value);
    for (size_t i = 0; i < chain->step_count; i++)
        free(chain->steps[i].value);
    free(chain->links);
    free(chain->steps);
    *chain = (struct tdh_chain){ 0 };
}
