/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_report: what became of each link, as a template that is worked out at the end. Every link
 * has an entry: one that was done, one that failed, and one that was skipped; but not one that was
 * let go of, as another was first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/chain_write.h"

struct entry {
    const char *id;
    bool is_handled, is_skipped, has_condition;
    bool is_rival; /* in a group of which only the first counts: it may not be there */
};

static struct entry entry_of(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    const struct entry entry = { .id = link->id,
                                 .is_handled =
                                     json_is_object(json_object_get(link->text, "on_error")),
                                 .is_skipped = tdh_chain_is_skipped(chain, link),
                                 .has_condition = json_object_get(link->text, "when") != NULL,
                                 .is_rival = tdh_chain_is_rival(chain, link) };

    return entry;
}

static bool is_plain(const struct entry *entry)
{
    return !entry->is_handled && !entry->is_skipped && !entry->has_condition && !entry->is_rival;
}

/* CEL of an entry; null for one that was let go of. */
static void write_entry(struct tdh_buf *text, const struct entry *entry)
{
    const char *id = entry->id;

    if (entry->is_rival)
        tdh_buf_printf(text, "!has(nodes.%s) ? null : ", id);
    if (entry->has_condition)
        tdh_buf_printf(text,
                       "!has(nodes.%s) ? {\"link\": \"%s\", \"skipped\": true, "
                       "\"reason\": \"condition not met\"} : ",
                       id, id);
    if (entry->is_handled || entry->is_skipped)
        tdh_buf_printf(text,
                       "has(nodes.%s.error) ? {\"link\": \"%s\", \"success\": false, "
                       "\"error\": nodes.%s.error, \"recovered\": %s} : ",
                       id, id, id, entry->is_handled ? "true" : "false");
    tdh_buf_printf(text, "{\"link\": \"%s\", \"success\": true, \"output\": nodes.%s.output}", id,
                   id);
}

/* new; takes text. */
static json_t *expression(struct tdh_buf *text)
{
    json_t *made = text->failed ? NULL : json_sprintf("${%s}", text->data);

    tdh_buf_free(text);
    return made;
}

static json_t *write_member(const struct entry *entry)
{
    struct tdh_buf text = { 0 };

    if (is_plain(entry))
        return json_pack("{s:s, s:b, s:o}", "link", entry->id, "success", 1, "output",
                         json_sprintf("${nodes.%s.output}", entry->id));
    write_entry(&text, entry);
    return expression(&text);
}

/* One expression that leaves out what was let go of. */
static json_t *write_some(const struct tdh_chain *chain)
{
    struct tdh_buf text = { 0 };

    for (size_t i = 0; i < chain->link_count; i++) {
        struct entry entry = entry_of(chain, &chain->links[i]);

        tdh_buf_text(&text, i == 0 ? "[" : ", ");
        write_entry(&text, &entry);
    }
    tdh_buf_text(&text, "].filter(entry, entry != null)");
    return expression(&text);
}

json_t *tdh_chain_report(const struct tdh_chain *chain)
{
    json_t *report = json_array();

    for (size_t i = 0; i < chain->link_count; i++) {
        struct entry entry = entry_of(chain, &chain->links[i]);

        if (entry.is_rival) {
            json_decref(report);
            return write_some(chain);
        }
        if (json_array_append_new(report, write_member(&entry)) != 0) {
            json_decref(report);
            return NULL;
        }
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
