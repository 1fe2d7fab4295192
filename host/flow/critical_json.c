/* SPDX-License-Identifier: Apache-2.0 */
/*
 * critical_json: the times of a workflow as data.
 */
#include "flow/critical.h"

static const char *const source_names[] = {
    [TIME_NONE] = "none",       [TIME_MANIFEST] = "manifest", [TIME_DURATION] = "duration",
    [TIME_HISTORY] = "history", [TIME_BODY] = "body",         [TIME_UNKNOWN] = "unknown",
};

static json_t *ms(int64_t us)
{
    return json_real((double)us / 1000);
}

static json_t *graph_json(const struct tdh_critical *critical);

static json_t *node_json(const struct tdh_critical *critical, uint32_t at)
{
    const struct tdh_node *node = &critical->graph->nodes[at];
    const struct tdh_span *span = &critical->spans[at];
    json_t *row = json_pack("{s:s, s:s, s:s, s:o, s:o}", "node", node->id, "type",
                            tdh_node_type_name(node->type), "source", source_names[span->source],
                            "start_ms", ms(span->start_us), "finish_ms", ms(span->finish_us));

    if (span->source != TIME_UNKNOWN)
        json_object_set_new(row, "estimate_ms", ms(span->time_us));
    if (span->is_failure) {
        json_object_set_new(row, "on_failure", json_true());
    } else {
        json_object_set_new(row, "slack_ms", ms(span->latest_us - span->finish_us));
        json_object_set_new(row, "group", json_integer(span->group));
        json_object_set_new(row, "critical", json_boolean(span->is_critical));
    }
    if (span->body != NULL) {
        if (span->rounds >= 0)
            json_object_set_new(row, "rounds", json_integer(span->rounds));
        json_object_set_new(row, "body", graph_json(span->body));
    }
    return row;
}

static json_t *groups_json(const struct tdh_critical *critical)
{
    json_t *groups = json_array();

    for (uint32_t i = 0; i < critical->group_count; i++)
        json_array_append_new(groups, json_array());
    for (uint32_t i = 0; i < critical->graph->count; i++)
        if (!critical->spans[i].is_failure)
            json_array_append_new(json_array_get(groups, critical->spans[i].group),
                                  json_string(critical->graph->nodes[i].id));
    return groups;
}

static json_t *graph_json(const struct tdh_critical *critical)
{
    json_t *path = json_array(), *nodes = json_array();

    for (uint32_t i = 0; i < critical->path_count; i++)
        json_array_append_new(path, json_string(critical->graph->nodes[critical->path[i]].id));
    for (uint32_t i = 0; i < critical->graph->count; i++)
        json_array_append_new(nodes, node_json(critical, i));
    return json_pack("{s:o, s:o, s:o, s:o}", "total_ms", ms(critical->total_us), "critical_path",
                     path, "groups", groups_json(critical), "nodes", nodes);
}

/* Paths of what is not known, into two lists. */
static void name_unknown(const struct tdh_critical *critical, const char *prefix, json_t *unknown,
                         json_t *rounds)
{
    for (uint32_t i = 0; i < critical->graph->count; i++) {
        const struct tdh_span *span = &critical->spans[i];
        char path[TDH_CRITICAL_PATH];

        snprintf(path, sizeof(path), "%s%s", prefix, critical->graph->nodes[i].id);
        if (span->source == TIME_UNKNOWN)
            json_array_append_new(unknown, json_string(path));
        if (span->body == NULL)
            continue;
        if (span->rounds < 0)
            json_array_append_new(rounds, json_string(path));
        snprintf(path, sizeof(path), "%s%s.", prefix, critical->graph->nodes[i].id);
        name_unknown(span->body, path, unknown, rounds);
    }
}

json_t *tdh_critical_json(const struct tdh_critical *critical, struct td_err *err)
{
    json_t *whole = graph_json(critical), *unknown = json_array(), *rounds = json_array();
    int rc;

    name_unknown(critical, "", unknown, rounds);
    /* each takes its value, also when it fails */
    rc = json_object_set_new(whole, "workflow", json_string(critical->plan->name));
    rc |= json_object_set_new(whole, "unknown", unknown);
    rc |= json_object_set_new(whole, "rounds_unknown", rounds);
    if (rc != 0) {
        json_decref(whole);
        td_fail(err, TD_E_NOMEM, "could not allocate the times of a workflow");
        return NULL;
    }
    return whole;
}
