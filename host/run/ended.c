/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ended: keys and values of the list of runs that have ended.
 */
#include "run/ended.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

const char tdh_ended_letters[TDH_ENDED_LETTERS + 1] = "dfck";

static bool has_tag(const json_t *tags, const char *wanted)
{
    const json_t *tag;
    size_t i;

    json_array_foreach (tags, i, tag)
        if (strcmp(json_string_value(tag), wanted) == 0)
            return true;
    return false;
}

static char letter_of(const char *status, const json_t *tags)
{
    return has_tag(tags, TDH_TAG_KEEP) ? 'k' : status[0];
}

static void write_key(char key[static TDH_ENDED_KEY], const char *hash, char letter,
                      int64_t ended_us, const char *id)
{
    snprintf(key, TDH_ENDED_KEY, "%.*s/%c/%016llx/%.*s", TDH_ENDED_HASH, hash, letter,
             (unsigned long long)(ended_us > 0 ? ended_us : 0), TDH_ID_SIZE - 1, id);
}

int64_t tdh_ended_us(const char *key)
{
    return (int64_t)strtoull(key + TDH_ENDED_CLASS, NULL, 16);
}

void tdh_ended_value(const struct tdh_ended *ended, struct tdh_buf *buf)
{
    tdh_buf_printf(buf, "[\"%016llx\"", (unsigned long long)ended->run);
    if (ended->parent[0] != '\0' || ended->has_moved)
        tdh_buf_printf(buf, ",\"%s\"", ended->parent);
    tdh_buf_text(buf, ended->has_moved ? ",1]" : "]");
}

void tdh_was_key(char key[static TDH_WAS_KEY], const char *hash, const char *id)
{
    snprintf(key, TDH_WAS_KEY, "%.*s/%.*s", TDH_SHA256_HEX - 1, hash, TDH_ID_SIZE - 1, id);
}

void tdh_ended_write(struct tdh_run *run)
{
    struct tdh_ended ended = { .run = run->key, .has_moved = run->was != NULL };

    write_key(ended.key, run->definition->hash,
              letter_of(tdh_run_status_name(run->status), run->tags), run->now_us, run->id);
    snprintf(ended.parent, sizeof(ended.parent), "%s", run->parent_id);
    tdh_buf_clear(&run->live);
    tdh_buf_add(&run->live, ended.key, TDH_ENDED_KEY);
    tdh_ended_value(&ended, &run->live);
}

bool tdh_ended_of_record(const char *id, const json_t *record, struct tdh_ended *ret_ended)
{
    const json_t *ended_us = json_object_get(record, "ended_us");
    const char *status = tdh_json_str(record, "status", ""),
               *hash = tdh_json_str(record, "def", "");

    if (ended_us == NULL || !tdh_run_is_end(status) || strlen(hash) < TDH_ENDED_HASH ||
        strlen(id) != TDH_ID_SIZE - 1)
        return false;
    write_key(ret_ended->key, hash, letter_of(status, json_object_get(record, "tags")),
              json_integer_value(ended_us), id);
    ret_ended->run = strtoull(tdh_json_str(record, "key", "0"), NULL, 16);
    snprintf(ret_ended->parent, TDH_ID_SIZE, "%s", tdh_json_str(record, "parent", ""));
    ret_ended->has_moved = json_array_size(json_object_get(record, "was")) > 0;
    return true;
}

/* --- reading --- */

struct page {
    const char *prefix, *after;
    uint32_t limit;
    struct tdh_ended *list;
    size_t count;
};

/* What has another shape was not written by us, and is left alone. */
static int add(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct page *page = arg;
    struct tdh_ended *ended = &page->list[page->count];
    struct td_err ignored;
    json_t *parts = NULL;

    (void)version;
    if (strlen(key) == TDH_ENDED_KEY - 1)
        parts = tdh_json_parse(value.data, value.length, key, &ignored);
    if (json_is_string(json_array_get(parts, 0))) {
        const char *parent = json_string_value(json_array_get(parts, 1));

        memcpy(ended->key, key, TDH_ENDED_KEY);
        ended->run = strtoull(json_string_value(json_array_get(parts, 0)), NULL, 16);
        snprintf(ended->parent, TDH_ID_SIZE, "%s", parent != NULL ? parent : "");
        ended->has_moved = json_array_size(parts) > 2;
        page->count++;
    }
    json_decref(parts);
    return 0;
}

static int ask_page(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                    struct td_err *err)
{
    const struct page *page = arg;

    return table->kv->scan(ctx, TDH_ENDED_SPACE, page->prefix,
                           page->after[0] != '\0' ? page->after : NULL, page->limit, TD_SCAN_SOUND,
                           tdh_clock_us(), add, arg, err);
}

int tdh_ended_page(struct tdh_store *store, const char *prefix, const char *after, uint32_t limit,
                   struct tdh_ended *list, size_t *ret_count, struct td_err *err)
{
    struct page page = { prefix, after, limit, list, 0 };

    if (tdh_store_ask(store, ask_page, &page, err) != 0)
        return -1;
    *ret_count = page.count;
    return 0;
}
