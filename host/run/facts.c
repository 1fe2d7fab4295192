/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what is told of a run besides its events: in its first event and in snapshots, for a
 * rebuild; in its record, for people; in its live record, for who may take it over.
 */
#include <string.h>

#include "base/json.h"
#include "base/plain.h"
#include "base/utf8.h"
#include "run/internal.h"

enum { WAITS_TOLD = 20 };

static void write_list(struct tdh_buf *buf, const char *key, const json_t *list)
{
    if (json_array_size(list) == 0)
        return;
    tdh_buf_printf(buf, ",\"%s\":", key);
    tdh_buf_json(buf, list, 0);
}

bool tdh_run_is_tag(const char *tag)
{
    size_t length = strlen(tag);

    if (length == 0 || length > TDH_TAG_BYTES || !tdh_utf8_is_valid(tag, length))
        return false;
    for (const char *at = tag; *at != '\0'; at++)
        if (*at == ' ' || tdh_steering(at) > 0)
            return false;
    return true;
}

static bool has(const json_t *tags, const json_t *wanted)
{
    const json_t *tag;
    size_t i;

    json_array_foreach (tags, i, tag)
        if (json_equal(tag, wanted))
            return true;
    return false;
}

int tdh_facts_tag(struct tdh_run *run, const json_t *tags, struct td_err *err)
{
    const json_t *tag;
    size_t i;

    if (run->tags == NULL)
        run->tags = json_array();
    json_array_foreach (tags, i, tag) {
        if (!json_is_string(tag) || !tdh_run_is_tag(json_string_value(tag)))
            return td_fail(err, TD_E_INVAL, "a tag must be one word of at most %d bytes",
                           TDH_TAG_BYTES);
        if (has(run->tags, tag))
            continue;
        if (json_array_size(run->tags) == TDH_TAGS_MAX)
            return td_fail(err, TD_E_LIMIT, "a run has at most %d tags", TDH_TAGS_MAX);
        if (json_array_append(run->tags, (json_t *)tag) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the tags of a run");
    }
    return 0;
}

void tdh_facts_write(const struct tdh_run *run, struct tdh_buf *buf)
{
    const struct tdh_definition *definition = run->definition;

    tdh_buf_printf(buf, "\"id\":\"%s\",\"kind\":\"%s\",\"def\":\"%s\"", run->id, definition->kind,
                   definition->hash);
    if (run->parent_id[0] != '\0')
        tdh_buf_printf(buf, ",\"parent\":[\"%s\",%u]", run->parent_id, run->parent_number);
    if (run->origin_id[0] != '\0')
        tdh_buf_printf(buf, ",\"from\":[\"%s\",%u]", run->origin_id, run->origin_at);
    if (run->hops > 0)
        tdh_buf_printf(buf, ",\"hops\":%u", run->hops);
    if (run->priority != run->definition->priority)
        tdh_buf_printf(buf, ",\"priority\":\"%s\"", tdh_priority_name(run->priority));
    if (run->tenant != NULL)
        tdh_buf_printf(buf, ",\"tenant\":\"%s\"", run->tenant);
    write_list(buf, "tags", run->tags);
    write_list(buf, "was", run->was);
    tdh_purse_write_limits(&run->purse, buf);
}

/* [id, number] */
static uint32_t read_pair(const json_t *pair, char id[static TDH_ID_SIZE])
{
    const char *text = json_string_value(json_array_get(pair, 0));

    if (text != NULL)
        snprintf(id, TDH_ID_SIZE, "%s", text);
    return (uint32_t)json_integer_value(json_array_get(pair, 1));
}

void tdh_facts_read(struct tdh_run *run, const json_t *facts)
{
    struct tdh_meters limits;
    struct td_err ignored;

    run->parent_number = read_pair(json_object_get(facts, "parent"), run->parent_id);
    run->origin_at = read_pair(json_object_get(facts, "from"), run->origin_id);
    run->hops = (unsigned)json_integer_value(json_object_get(facts, "hops"));
    tdh_priority_parse(tdh_json_str(facts, "priority", ""), &run->priority);
    if (tdh_json_str(facts, "tenant", NULL) != NULL)
        tdh_tenant_set(run, tdh_json_str(facts, "tenant", NULL), &ignored);
    if (tdh_meters_parse(json_object_get(facts, "budget"), &limits))
        run->purse.is_own = tdh_purse_limit(&run->purse, &limits);
    json_decref(run->tags);
    run->tags = json_incref(json_object_get(facts, "tags"));
    json_decref(run->was);
    run->was = json_incref(json_object_get(facts, "was"));
}

/* --- records --- */

static void json_field(struct tdh_buf *buf, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    tdh_buf_printf(buf, ",\"%s\":", key);
    tdh_buf_json_string(buf, text, strlen(text));
}

/* What people and signals are waited for; of many only the first. */
static void print_waits(const struct tdh_run *run, struct tdh_buf *buf)
{
    unsigned count = 0;

    for (const struct tdh_ask_entry *ask = run->first; ask != NULL && count < WAITS_TOLD;
         ask = ask->next) {
        if (ask->kind != TDH_ASK_WAIT)
            continue;
        tdh_buf_printf(buf, "%s{\"ask\":%u", count++ == 0 ? ",\"waits\":[" : ",", ask->number);
        json_field(buf, "step", ask->path);
        json_field(buf, "signal", ask->name);
        if (ask->name == NULL) {
            tdh_buf_text(buf, ",\"about\":");
            tdh_buf_json(buf, ask->config, 0);
        }
        tdh_buf_char(buf, '}');
    }
    if (count > 0)
        tdh_buf_char(buf, ']');
}

void tdh_facts_record(struct tdh_run *run)
{
    struct tdh_buf *buf = &run->record;
    const struct tdh_definition *definition = run->definition;

    tdh_buf_clear(buf);
    tdh_buf_printf(buf, "{\"id\":\"%s\",\"key\":\"%016llx\",\"kind\":\"%s\"", run->id,
                   (unsigned long long)run->key, definition->kind);
    json_field(buf, "name", definition->name);
    json_field(buf, "version", definition->version);
    json_field(buf, "def", definition->hash);
    json_field(buf, "status", tdh_run_status_name(run->status));
    json_field(buf, "owner", run->engine->owner);
    json_field(buf, "parent", run->parent_id);
    if (run->origin_id[0] != '\0')
        tdh_buf_printf(buf, ",\"from\":{\"run\":\"%s\",\"at\":%u}", run->origin_id, run->origin_at);
    if (run->priority != TDH_NORMAL)
        json_field(buf, "priority", tdh_priority_name(run->priority));
    if (definition->deadline_us > 0)
        tdh_buf_printf(buf, ",\"deadline_us\":%lld",
                       (long long)(run->created_us + definition->deadline_us));
    json_field(buf, "tenant", run->tenant);
    write_list(buf, "tags", run->tags);
    write_list(buf, "was", run->was);
    tdh_buf_printf(buf, ",\"created_us\":%lld", (long long)run->created_us);
    tdh_purse_show(&run->purse, buf);
    if (run->is_ended)
        tdh_buf_printf(buf, ",\"ended_us\":%lld", (long long)run->now_us);
    if (run->why.code != TD_OK) {
        tdh_buf_text(buf, ",\"error\":");
        tdh_event_error(buf, &run->why);
    }
    print_waits(run, buf);
    tdh_buf_char(buf, '}');
}

void tdh_facts_live(struct tdh_run *run, const char *owner)
{
    tdh_buf_clear(&run->live);
    tdh_buf_printf(&run->live, "{\"owner\":\"%s\",\"key\":\"%016llx\",\"tries\":%u,\"seq\":%llu}",
                   owner, (unsigned long long)run->key, run->tries, (unsigned long long)run->head);
}
