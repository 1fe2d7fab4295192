/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match: which targets, and which failures of them, a rule is for. What is not said is not looked
 * at.
 *
 * Codes, categories and severities all come down to a set of codes. `text` and `when` are
 * expressions, so a pattern has the bounds of those. One that fails counts as no match, and is told
 * in the log.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err_json.h"
#include "base/json.h"
#include "base/log.h"
#include "base/near.h"
#include "call/internal.h"
#include "cel/cel.h"

enum { WORDS_MAX = TD_E_MAX_, EVAL_BYTES = 1 << 20, ROOTS = 5, POINTER_MAX = 200 };

/* What never becomes anything else, as nothing failed: it was given up, or nobody knows. */
#define NEVER (1U << TD_E_CANCELLED | 1U << TD_E_DOUBT | 1U << TD_OK)

_Static_assert(TD_E_MAX_ <= 32, "a set of codes is a word");

/* --- sets of codes --- */

enum word_kind { WORD_CODE, WORD_CATEGORY, WORD_SEVERITY };

static const char *word_of(enum td_code code, enum word_kind kind)
{
    const struct td_code_info *info = td_code_info(code);

    return kind == WORD_CODE ? info->name
                             : (kind == WORD_CATEGORY ? info->category : info->severity);
}

static uint32_t codes_of_word(const char *word, enum word_kind kind)
{
    uint32_t set = 0;

    for (unsigned code = TD_OK + 1; code < TD_E_MAX_; code++)
        if (strcmp(word_of((enum td_code)code, kind), word) == 0)
            set |= 1U << code;
    return set;
}

static int fail_word(const struct tdh_yaml *yaml, const char *pointer, const char *word,
                     enum word_kind kind, struct td_err *err)
{
    static const char *const names[] = { "code", "category", "severity" };
    const char *words[WORDS_MAX], *near;
    size_t count = 0;

    if ((codes_of_word(word, kind) & NEVER) != 0)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "\"%s\" cannot be matched: nothing is done about it", word);
    for (unsigned code = TD_OK + 1; code < TD_E_MAX_; code++)
        words[count++] = word_of((enum td_code)code, kind);
    near = tdh_near(word, words, count);
    tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG, "\"%.64s\" is no %s of errors%s%s%s", word,
                  names[kind], near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                  near != NULL ? "\"" : "");
    return td_hint(err, "tdev errors lists all of them");
}

static int read_words(const struct tdh_yaml *yaml, const char *pointer, const json_t *value,
                      enum word_kind kind, uint32_t *set, struct td_err *err)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    uint32_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        const char *word = json_is_string(item) ? json_string_value(item) : "";
        uint32_t codes = codes_of_word(word, kind) & ~NEVER;
        char at[POINTER_MAX];

        snprintf(at, sizeof(at), json_is_array(value) ? "%s/%zu" : "%s", pointer, i);
        if (codes == 0)
            return fail_word(yaml, at, word, kind, err);
        found |= codes;
    }
    *set &= found;
    return 0;
}

int tdh_codes_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *categories,
                   uint32_t *ret_set, struct td_err *err)
{
    *ret_set = ~NEVER;
    return read_words(yaml, pointer, categories, WORD_CATEGORY, ret_set, err);
}

/* --- reading --- */

static int read_names(const json_t *value, json_t **ret_names, struct td_err *err)
{
    if (value == NULL)
        return 0;
    *ret_names =
        json_is_array(value) ? json_incref((json_t *)value) : json_pack("[O]", (json_t *)value);
    return *ret_names != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a rule");
}

static int read_sets(const struct tdh_yaml *yaml, const char *pointer, const json_t *text,
                     struct tdh_match *match, struct td_err *err)
{
    static const char *const keys[] = { "codes", "categories", "severities" };
    char at[POINTER_MAX];

    match->codes = ~NEVER;
    for (unsigned kind = WORD_CODE; kind <= WORD_SEVERITY; kind++) {
        const json_t *value = json_object_get(text, keys[kind]);

        snprintf(at, sizeof(at), "%s/%s", pointer, keys[kind]);
        if (value != NULL &&
            read_words(yaml, at, value, (enum word_kind)kind, &match->codes, err) != 0)
            return -1;
    }
    return match->codes != 0
               ? 0
               : tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                               "no code is in all of \"codes\", \"categories\" and \"severities\"");
}

static struct tdh_cel *compile(const char *text, const struct tdh_cel_options *options,
                               const struct tdh_yaml *yaml, const char *pointer, const char *key,
                               struct td_err *err)
{
    struct tdh_cel *cel = tdh_cel_compile(text, options, err);
    char at[POINTER_MAX], why[TD_ERR_TEXT];

    if (cel != NULL || err->code == TD_E_NOMEM)
        return cel;
    snprintf(at, sizeof(at), "%s/%s", pointer, key);
    memcpy(why, err->text, sizeof(why));
    tdh_yaml_fail(yaml, at, err, TD_E_CONFIG, "\"%s\": %s", key, why);
    return NULL;
}

/* The pattern as an expression, which then bounds it. */
static int read_text(const struct tdh_yaml *yaml, const char *pointer, const char *pattern,
                     struct tdh_match *match, struct td_err *err)
{
    static const struct tdh_cel_root root = { "text", NULL };
    static const struct tdh_cel_options options = { .roots = &root, .root_count = 1 };
    struct tdh_buf expression = { 0 };

    if (pattern == NULL)
        return 0;
    tdh_buf_text(&expression, "string(text).matches(");
    tdh_buf_json_string(&expression, pattern, strlen(pattern));
    tdh_buf_text(&expression, ")");
    if (expression.failed)
        td_fail(err, TD_E_NOMEM, "could not allocate a rule");
    else
        match->text = compile(expression.data, &options, yaml, pointer, "text", err);
    tdh_buf_free(&expression);
    return match->text != NULL ? 0 : -1;
}

static const char root_schemas[] =
    "[{\"type\": \"object\", \"required\": [\"code\", \"category\", \"severity\", \"retryable\", "
    "\"text\"], \"properties\": {\"code\": {\"type\": \"string\"}, \"category\": {\"type\": "
    "\"string\"}, \"severity\": {\"type\": \"string\"}, \"retryable\": {\"type\": \"boolean\"}, "
    "\"text\": {\"type\": \"string\"}, \"retry_after_ms\": {\"type\": \"integer\"}, \"hint\": "
    "{\"type\": \"string\"}}, \"additionalProperties\": false},"
    " {\"type\": \"string\"}, {\"type\": \"string\"}, {\"type\": \"string\"},"
    " {\"type\": \"integer\"}]";

static int read_when(const struct tdh_yaml *yaml, const char *pointer, const char *text,
                     struct tdh_match *match, struct td_err *err)
{
    json_t *schemas = json_loads(root_schemas, 0, NULL);
    json_t *want = json_pack("{s:s}", "type", "boolean");
    const struct tdh_cel_root roots[ROOTS] = { { "error", json_array_get(schemas, 0) },
                                               { "agent", json_array_get(schemas, 1) },
                                               { "action", json_array_get(schemas, 2) },
                                               { "plugin", json_array_get(schemas, 3) },
                                               { "attempt", json_array_get(schemas, 4) } };
    const struct tdh_cel_options options = { .roots = roots, .root_count = ROOTS, .want = want };
    int rc = 0;

    if (text != NULL && (schemas == NULL || want == NULL))
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a rule");
    else if (text != NULL)
        rc = (match->when = compile(text, &options, yaml, pointer, "when", err)) != NULL ? 0 : -1;
    json_decref(schemas);
    json_decref(want);
    return rc;
}

int tdh_match_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *text,
                   struct tdh_match *ret_match, struct td_err *err)
{
    *ret_match = (struct tdh_match){ 0 };
    if (read_names(json_object_get(text, "agents"), &ret_match->agents, err) == 0 &&
        read_names(json_object_get(text, "actions"), &ret_match->actions, err) == 0 &&
        read_names(json_object_get(text, "plugins"), &ret_match->plugins, err) == 0 &&
        read_sets(yaml, pointer, text, ret_match, err) == 0 &&
        read_text(yaml, pointer, tdh_json_str(text, "text", NULL), ret_match, err) == 0 &&
        read_when(yaml, pointer, tdh_json_str(text, "when", NULL), ret_match, err) == 0)
        return 0;
    tdh_match_free(ret_match);
    return -1;
}

void tdh_match_free(struct tdh_match *match)
{
    json_decref(match->agents);
    json_decref(match->actions);
    json_decref(match->plugins);
    tdh_cel_free(match->text);
    tdh_cel_free(match->when);
    *match = (struct tdh_match){ 0 };
}

/* --- matching --- */

static bool is_among(const json_t *patterns, const char *name)
{
    const json_t *pattern;
    size_t i;

    json_array_foreach (patterns, i, pattern)
        if (tdh_name_covers(json_string_value(pattern), name != NULL ? name : ""))
            return true;
    return patterns == NULL;
}

bool tdh_match_target(const struct tdh_match *match, const struct tdh_target *target)
{
    return is_among(match->agents, target->name) && is_among(match->actions, target->action) &&
           is_among(match->plugins, target->plugin);
}

/* False as well when it cannot be told. */
static bool holds(const struct tdh_cel *cel, const json_t *const *roots, size_t count)
{
    const struct tdh_cel_env env = { .roots = roots, .root_count = count };
    struct tdh_arena arena = { .max_bytes = EVAL_BYTES };
    bool value = false;
    struct td_err err;

    if (tdh_cel_eval_bool(cel, &env, &arena, &value, &err) != 0) {
        td_context(&err, "a condition of a policy counts as not met: \"%.200s\"",
                   tdh_cel_text(cel));
        tdh_log_err(TDH_LOG_WARNING, "policies", &err);
        value = false;
    }
    tdh_arena_free(&arena);
    return value;
}

static bool text_holds(const struct tdh_cel *cel, const char *text)
{
    json_t *value = json_string(text);
    const json_t *roots[] = { value };
    bool is_met = value != NULL && holds(cel, roots, 1);

    json_decref(value);
    return is_met;
}

static bool when_holds(const struct tdh_cel *cel, const struct tdh_target *target,
                       const struct td_err *error, unsigned attempt)
{
    json_t *values[ROOTS] = { tdh_err_json(error), json_string(target->name),
                              json_string(target->action),
                              json_string(target->plugin != NULL ? target->plugin : ""),
                              json_integer(attempt) };
    const json_t *roots[ROOTS];
    bool is_met;

    for (unsigned i = 0; i < ROOTS; i++)
        roots[i] = values[i];
    is_met = holds(cel, roots, ROOTS);
    for (unsigned i = 0; i < ROOTS; i++)
        json_decref(values[i]);
    return is_met;
}

bool tdh_match_failure(const struct tdh_match *match, const struct tdh_target *target,
                       const struct td_err *error, unsigned attempt)
{
    return (unsigned)error->code < TD_E_MAX_ && (match->codes & 1U << error->code) != 0 &&
           (match->text == NULL || text_holds(match->text, error->text)) &&
           (match->when == NULL || when_holds(match->when, target, error, attempt));
}
