/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit: an emit node is a call of the host's own target, with the node's keys as its input.
 */
#include <string.h>

#include "flow/plan.h"
#include "message/message.h"

int tdh_emit_look(struct tdh_node *node, struct td_err *err)
{
    node->output_schema = json_pack("{s:s, s:{s:{s:s}}, s:b}", "type", "object", "properties", "id",
                                    "type", "string", "additionalProperties", 0);
    return node->output_schema != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a node");
}

/* Known before it runs when it is written out. */
static int check_words(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                       const json_t *text, struct td_err *err)
{
    static const char *const keys[] = { "event", "correlation" };

    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_object_get(text, keys[i]);

        if (value != NULL && !json_is_string(value)) {
            td_fail(err, TD_E_CONFIG, "must be a text");
            return tdh_flow_at_member(reader, node->pointer, keys[i], err);
        }
    }
    if (tdh_template_is_plain(json_object_get(text, "event")) &&
        tdh_event_check_name(json_string_value(json_object_get(text, "event")), err) != 0)
        return tdh_flow_at_member(reader, node->pointer, "event", err);
    return 0;
}

int tdh_emit_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err)
{
    json_t *input;

    if (node->type != NODE_EMIT)
        return 0;
    if (check_words(reader, node, text, err) != 0)
        return -1;
    input = json_pack("{s:O, s:O*, s:O*}", "event", json_object_get(text, "event"), "payload",
                      json_object_get(text, "payload"), "correlation",
                      json_object_get(text, "correlation"));
    node->name = strdup(TDH_EVENTS_TARGET);
    node->action = strdup(TDH_EVENTS_ACTION);
    if (input == NULL || node->name == NULL || node->action == NULL) {
        json_decref(input);
        return td_fail(err, TD_E_NOMEM, "could not allocate a node");
    }
    node->inputs = tdh_flow_template(reader, input, node->pointer, 0, err);
    json_decref(input);
    return node->inputs != NULL ? 0 : -1;
}
