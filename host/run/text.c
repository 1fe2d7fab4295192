/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: the definitions of runs in the write of a worker: one goes with the first write of a run
 * that follows it, and is put again after a sweep of definitions; see garbage.c.
 */
#include "run/text.h"

#include <stdlib.h>
#include <string.h>

#include "run/ended.h"

struct td_op *tdh_write_op(struct tdh_hub *hub, enum td_op_kind kind, const char *space)
{
    struct td_op *op = &hub->op_cells[hub->op_count];

    *op = (struct td_op){ TD_SIZE(struct td_op), .kind = kind, .space = space };
    hub->ops[hub->op_count++] = op;
    return op;
}

static bool is_text_flying(const struct tdh_hub *hub, const struct tdh_definition *definition)
{
    for (size_t i = 0; i < hub->text_count; i++)
        if (hub->texts[i].definition == definition)
            return true;
    return false;
}

/* Takes bytes: they go when the write has ended. Returns them; NULL: without memory. */
static char *keep_text(struct tdh_hub *hub, struct tdh_definition *definition, char *bytes)
{
    if (bytes != NULL && hub->text_count == hub->text_room) {
        size_t room = hub->text_room > 0 ? hub->text_room * 2 : 8;
        struct tdh_text *texts = realloc(hub->texts, room * sizeof(*texts));

        if (texts == NULL) {
            free(bytes);
            return NULL;
        }
        hub->texts = texts;
        hub->text_room = room;
    }
    if (bytes != NULL)
        hub->texts[hub->text_count++] =
            (struct tdh_text){ definition, bytes, atomic_load(&hub->engine->sweeps) };
    return bytes;
}

static char *add_text(struct tdh_hub *hub, struct tdh_definition *definition)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_json(&buf, definition->text, 0);
    return keep_text(hub, definition, tdh_buf_steal(&buf));
}

/* The definition that the run followed until now stays as long as the run. */
int tdh_write_was(struct tdh_hub *hub, struct tdh_run *run)
{
    const json_t *last = json_array_get(run->was, json_array_size(run->was) - 1);
    struct td_op *op;
    char *key;

    if (run->moved == NULL || last == NULL)
        return 0;
    key = keep_text(hub, NULL, malloc(TDH_WAS_KEY));
    if (key == NULL)
        return -1;
    tdh_was_key(key, json_string_value(last), run->id);
    op = tdh_write_op(hub, TD_OP_PUT, TDH_WAS_SPACE);
    op->key = key;
    op->version = TD_VERSION_ANY;
    op->value = (struct td_bytes){ "{}", 2 };
    return 0;
}

/* The text goes with the first write of a run that follows it; it counts as stored when a write
 * with it has succeeded. */
int tdh_write_definition(struct tdh_hub *hub, struct tdh_run *run)
{
    struct tdh_definition *definition = run->definition;
    struct td_op *op;
    char *bytes;

    if (__atomic_load_n(&definition->stored, __ATOMIC_ACQUIRE) ==
            atomic_load(&hub->engine->sweeps) ||
        is_text_flying(hub, definition))
        return 0;
    bytes = add_text(hub, definition);
    if (bytes == NULL)
        return -1;
    op = tdh_write_op(hub, TD_OP_PUT, TDH_DEF_SPACE);
    op->key = definition->hash;
    op->version = TD_VERSION_ANY;
    op->value = (struct td_bytes){ bytes, strlen(bytes) };
    return 0;
}

void tdh_texts_settle(struct tdh_hub *hub, bool is_stored)
{
    for (size_t i = 0; i < hub->text_count; i++) {
        if (is_stored && hub->texts[i].definition != NULL)
            __atomic_store_n(&hub->texts[i].definition->stored, hub->texts[i].sweeps,
                             __ATOMIC_RELEASE);
        free(hub->texts[i].bytes);
    }
    hub->text_count = 0;
}
