/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: turns a failed rule into a complaint, and a complaint into what the caller asked for.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/near.h"
#include "schema/names.h"
#include "schema/where.h"

enum {
    TEXT_BYTES = 400,  /* longest reason */
    PLACE_BYTES = 200, /* longest pointer in an error's text; of a longer one its end is shown */
    HINT_KEYS = 12     /* most keys a hint names */
};

/* Tells what is wrong at `step`. */
static bool complain(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                     const struct tdh_js_step *step, bool is_key, const char *text,
                     const char *hint)
{
    bool is_false = rule->keyword == &tdh_js_keyword_false;
    size_t parent_length = 0;
    char *instance = tdh_js_where_step(step, &parent_length);
    char *schema =
        tdh_js_where_keyword(rule->node, run->schema->root, is_false ? NULL : rule->keyword->name);

    if (instance == NULL || schema == NULL) {
        tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate an error text");
    } else {
        struct tdh_js_complaint complaint = { .instance = instance,
                                              .parent_length = parent_length,
                                              .is_key = is_key,
                                              .schema = schema,
                                              .keyword = rule->keyword->name,
                                              .text = text,
                                              .hint = hint };

        run->tell(run, &complaint);
    }
    free(instance);
    free(schema);
    return false;
}

bool tdh_js_run_fail(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *fmt, ...)
{
    char text[TEXT_BYTES];
    size_t used = 0;
    va_list ap;

    if (run->quiet > 0 || run->is_stuck)
        return false;
    if (run->named != NULL)
        used = (size_t)snprintf(text, TEXT_BYTES / 2, "the key \"%.120s\" ", run->named);
    va_start(ap, fmt);
    vsnprintf(text + used, sizeof(text) - used, fmt, ap);
    va_end(ap);
    return complain(run, rule, run->at, run->named != NULL, text, NULL);
}

/* "the keys here are a, b, c" when they are few. */
static void write_hint(char *hint, size_t size, const struct tdh_js_names *known)
{
    size_t used;

    hint[0] = '\0';
    if (known == NULL || known->count == 0 || known->count > HINT_KEYS)
        return;
    used = (size_t)snprintf(hint, size, "the keys here are");
    for (size_t i = 0; i < known->count && used < size; i++)
        used +=
            (size_t)snprintf(hint + used, size - used, "%s %s", i > 0 ? "," : "", known->keys[i]);
    if (used >= size)
        hint[0] = '\0'; /* a part of the list would be taken for the whole */
}

bool tdh_js_run_refuse_key(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *key,
                           const struct tdh_js_names *known)
{
    struct tdh_js_step step = { .up = run->at, .key = key };
    char text[TEXT_BYTES], hint[TD_ERR_HINT];
    const char *near;

    if (run->quiet > 0 || run->is_stuck)
        return false;
    near = known != NULL ? tdh_near(key, known->keys, known->count) : NULL;
    if (near != NULL)
        snprintf(text, sizeof(text), "unrecognized key \"%.120s\", did you mean \"%s\"", key, near);
    else
        snprintf(text, sizeof(text), "unrecognized key \"%.120s\"", key);
    write_hint(hint, sizeof(hint), near == NULL ? known : NULL);
    return complain(run, rule, &step, true, text, hint);
}

/* Where to look: the value's pointer, or for a wrong key its object's, with ": " behind when there
 * is one. */
static void write_place(char place[PLACE_BYTES + 8], const struct tdh_js_complaint *complaint)
{
    size_t length = complaint->is_key ? complaint->parent_length : strlen(complaint->instance);
    const char *start = complaint->instance;

    place[0] = '\0';
    if (length == 0)
        return;
    if (length > PLACE_BYTES) {
        start += length - PLACE_BYTES;
        while (((unsigned char)*start & 0xC0U) == 0x80U)
            start++;
    }
    snprintf(place, PLACE_BYTES + 8, "%s%.*s: ", start != complaint->instance ? "..." : "",
             (int)(complaint->instance + length - start), start);
}

void tdh_js_tell_err(struct tdh_js_run *run, const struct tdh_js_complaint *complaint)
{
    char place[PLACE_BYTES + 8];

    write_place(place, complaint);
    if (complaint->schema[0] != '\0')
        td_fail(run->err, TD_E_INVAL, "%s%s (schema %s)", place, complaint->text,
                complaint->schema);
    else
        td_fail(run->err, TD_E_INVAL, "%s%s", place, complaint->text);
    if (complaint->hint != NULL && complaint->hint[0] != '\0')
        td_hint(run->err, "%s", complaint->hint);
}

void tdh_js_tell_yaml(struct tdh_js_run *run, const struct tdh_js_complaint *complaint)
{
    struct tdh_buf path = { 0 };
    struct tdh_place at;
    char place[PLACE_BYTES + 8];

    tdh_buf_printf(&path, "%s%s", run->under, complaint->instance);
    if (path.failed)
        at = tdh_yaml_place(run->yaml, run->under);
    else
        at = complaint->is_key ? tdh_yaml_key_place(run->yaml, path.data)
                               : tdh_yaml_place(run->yaml, path.data);
    tdh_buf_free(&path);
    write_place(place, complaint);
    td_fail(run->err, TD_E_INVAL, "%s:%u:%u: %s%s", run->yaml->name, at.line, at.column,
            complaint->is_key ? "" : place, complaint->text);
    if (complaint->hint != NULL && complaint->hint[0] != '\0')
        td_hint(run->err, "%s", complaint->hint);
}

void tdh_js_tell_list(struct tdh_js_run *run, const struct tdh_js_complaint *complaint)
{
    json_t *entry =
        json_pack("{s:s, s:s, s:s, s:s}", "instance", complaint->instance, "schema",
                  complaint->schema, "keyword", complaint->keyword, "text", complaint->text);

    if (entry == NULL || json_array_append_new(run->errors, entry) != 0) {
        tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate the list of errors");
        return;
    }
    if (json_array_size(run->errors) >= TDH_SCHEMA_ERRORS)
        run->is_collecting = false;
}
