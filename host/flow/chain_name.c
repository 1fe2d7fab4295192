/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_name: what `prev`, `value`, `link`, `links.ID` and their like stand for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/chain_write.h"
#include "flow/name.h"

/* {"id": ..., "agent": ..., "action": ..., "index": ...} */
static char *link_text(const struct tdh_chain_link *link)
{
    json_t *value = json_pack(
        "{s:s, s:s, s:s, s:I}", "id", link->id, "agent", tdh_json_str(link->text, "agent", ""),
        "action", tdh_json_str(link->text, "action", ""), "index", (json_int_t)link->number);
    char *text = value != NULL ? tdh_json_text(value, 0) : NULL;

    json_decref(value);
    return text;
}

static const char *value_of(const struct tdh_chain *chain, const struct tdh_name *name)
{
    const struct tdh_name field = { .at = name->field, .length = name->field_length };

    for (size_t i = 0; i < chain->link_count; i++)
        if (chain->links[i].value != NULL && tdh_name_is(&field, chain->links[i].id))
            return chain->links[i].value;
    for (size_t i = 0; i < chain->step_count; i++)
        if (chain->steps[i].value != NULL && tdh_name_is(&field, chain->steps[i].id))
            return chain->steps[i].value;
    return NULL;
}

static int no_link(const struct tdh_chain *chain, const struct tdh_name *name, struct td_err *err)
{
    const char **ids = calloc(chain->link_count + 1, sizeof(*ids)), *near = NULL;
    char word[TDH_CHAIN_ID] = "";
    size_t count = 0;

    for (size_t i = 0; ids != NULL && i < chain->link_count; i++)
        if (chain->links[i].value != NULL)
            ids[count++] = chain->links[i].id;
    if (name->field != NULL)
        snprintf(word, sizeof(word), "%.*s", (int)name->field_length, name->field);
    if (ids != NULL)
        near = tdh_near(word, ids, count);
    td_fail(err, TD_E_CONFIG, "there is no link \"%s\" before this one%s%s%s", word,
            near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    free(ids);
    return -1;
}

static int put(void *arg, const struct tdh_name *name, char **ret_text, bool *ret_field,
               struct td_err *err)
{
    const struct tdh_chain_scope *scope = arg;
    const struct {
        const char *name, *text;
    } rows[] = { { "prev", scope->value },
                 { "value", scope->link != NULL || scope->values != NULL ? scope->value : NULL },
                 { "result", scope->result },
                 { "error", scope->error },
                 { "values", scope->values } };

    if (tdh_name_is(name, "links")) {
        const char *value = name->field != NULL ? value_of(scope->chain, name) : NULL;

        if (value == NULL)
            return no_link(scope->chain, name, err);
        *ret_field = true;
        *ret_text = strdup(value);
    } else if (tdh_name_is(name, "link") && scope->link != NULL) {
        *ret_text = link_text(scope->link);
    } else {
        size_t i = 0;

        while (i < 5 && (rows[i].text == NULL || !tdh_name_is(name, rows[i].name)))
            i++;
        if (i == 5)
            return 0;
        *ret_text = strdup(rows[i].text);
    }
    return *ret_text != NULL ? 1 : td_fail(err, TD_E_NOMEM, "could not allocate an expression");
}

static json_t *at_place(const struct tdh_chain_scope *scope, const char *pointer,
                        struct td_err *err)
{
    struct tdh_place place = tdh_yaml_place(scope->chain->yaml, pointer);

    td_context(err, "%s:%u:%u", scope->chain->yaml->name, place.line, place.column);
    return NULL;
}

json_t *tdh_chain_fill(const struct tdh_chain_scope *scope, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    json_t *filled = tdh_name_template(value, put, (void *)scope, err);

    return filled != NULL ? filled : at_place(scope, pointer, err);
}

json_t *tdh_chain_fill_bare(const struct tdh_chain_scope *scope, const json_t *value,
                            const char *pointer, struct td_err *err)
{
    json_t *filled;
    char *text;

    if (!json_is_string(value))
        return json_incref((json_t *)value);
    text = tdh_name_expression(json_string_value(value), json_string_length(value), put,
                               (void *)scope, err);
    if (text == NULL)
        return at_place(scope, pointer, err);
    filled = json_string(text);
    free(text);
    if (filled == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate an expression");
    return filled;
}
