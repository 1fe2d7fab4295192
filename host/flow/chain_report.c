/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_report: what became of each link, as a template that is worked out at the end. Every link
 * has an entry: one that was done, one that failed, and one that was skipped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/chain_write.h"

static json_t *entry_of(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    const char *id = link->id;
    bool is_handled = json_is_object(json_object_get(link->text, "on_error")),
         is_skipped = tdh_chain_is_skipped(chain, link),
         has_condition = json_object_get(link->text, "when") != NULL;
    struct tdh_buf text = { 0 };
    json_t *entry;

    if (!is_handled && !is_skipped && !has_condition)
        return json_pack("{s:s, s:b, s:o}", "link", id, "success", 1, "output",
                         json_sprintf("${nodes.%s.output}", id));
    tdh_buf_text(&text, "${");
    if (has_condition)
        tdh_buf_printf(&text,
                       "!has(nodes.%s) ? {\"link\": \"%s\", \"skipped\": true, "
                       "\"reason\": \"condition not met\"} : ",
                       id, id);
    if (is_handled || is_skipped)
        tdh_buf_printf(&text,
                       "has(nodes.%s.error) ? {\"link\": \"%s\", \"success\": false, "
                       "\"error\": nodes.%s.error, \"recovered\": %s} : ",
                       id, id, id, is_handled ? "true" : "false");
    tdh_buf_printf(&text, "{\"link\": \"%s\", \"success\": true, \"output\": nodes.%s.output}}", id,
                   id);
    entry = text.failed ? NULL : json_string(text.data);
    tdh_buf_free(&text);
    return entry;
}

json_t *tdh_chain_report(const struct tdh_chain *chain)
{
    json_t *report = json_array();

    for (size_t i = 0; i < chain->link_count; i++)
        if (json_array_append_new(report, entry_of(chain, &chain->links[i])) != 0) {
            json_decref(report);
            return NULL;
        }
    return report;
}

/* No link failed but those for which something stood in. */
char *tdh_chain_success(const struct tdh_chain *chain)
{
    struct tdh_buf text = { 0 };

    for (size_t i = 0; i < chain->link_count; i++) {
        const char *id = chain->links[i].id;

        if (!tdh_chain_is_skipped(chain, &chain->links[i]))
            continue;
        tdh_buf_printf(&text, "%s!(has(nodes.%s) && has(nodes.%s.error))",
                       text.length > 0 ? " && " : "", id, id);
    }
    if (text.length == 0)
        tdh_buf_text(&text, "true");
    return tdh_buf_steal(&text);
}
