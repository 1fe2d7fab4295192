/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance: cells in slabs. A place is found by shift and mask, a freed one is used again first,
 * and its generation tells an old handle from a new one.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "base/said.h"

static struct tdh_cell_agent *cell_at(const struct tdh_agent_template *template, uint32_t place)
{
    return (struct tdh_cell_agent *)(template->slabs[place / SLAB_CELLS] +
                                     (size_t)(place % SLAB_CELLS) * template->cell_bytes);
}

static int add_slab(struct tdh_agent_template *template, struct td_err *err)
{
    uint32_t first = (uint32_t)(template->slab_count * SLAB_CELLS);

    if (template->slab_count == template->slab_room) {
        size_t room = template->slab_room > 0 ? template->slab_room * 2 : 8;
        char **slabs = realloc(template->slabs, room * sizeof(char *));

        if (slabs == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate instances of \"%s\"",
                           template->name);
        template->slabs = slabs;
        template->slab_room = room;
    }
    template->slabs[template->slab_count] = calloc(SLAB_CELLS, template->cell_bytes);
    if (template->slabs[template->slab_count] == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate instances of \"%s\"", template->name);
    template->slab_count++;
    atomic_fetch_add(&template->line->bytes, (int64_t)(SLAB_CELLS * template->cell_bytes));
    for (uint32_t i = SLAB_CELLS; i > 0; i--) {
        struct tdh_cell_agent *cell = cell_at(template, first + i - 1);

        cell->template = template;
        cell->next_free = template->first_free;
        template->first_free = first + i;
    }
    return 0;
}

struct starting {
    struct tdh_cell_agent *cell;
    struct tdh_birth *birth;
};

static int run_init(void *arg, struct td_err *err)
{
    const struct starting *starting = arg;
    const struct tdh_agent_template *template = starting->cell->template;
    const struct td_plugin *descriptor = &template->plugin->descriptor;
    struct tdh_ctx ctx;
    int rc;

    tdh_agent_enter(template, starting->cell->state,
                    starting->birth != NULL ? &starting->birth->call : NULL, &ctx);
    tdh_unsaid(err);
    rc = tdh_said(descriptor->init(&ctx.pub, err), template->name, "init", err);
    if (rc != 0 && descriptor->drop != NULL)
        descriptor->drop(&ctx.pub);
    tdh_agent_leave(template, &ctx);
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", template->name);
}

static int init(struct tdh_cell_agent *cell, struct tdh_birth *birth, struct td_err *err)
{
    struct starting starting = { cell, birth };

    return cell->template->plugin->descriptor.init == NULL
               ? 0
               : tdh_agent_in_place(cell->template, birth, run_init, &starting, err);
}

static void release_cell(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                         uint32_t place)
{
    cell->generation++;
    cell->next_free = template->first_free;
    template->first_free = place + 1;
}

struct tdh_cell_agent *tdh_agent_cell_new(struct tdh_agent_template *template,
                                          struct tdh_birth *birth, tdh_instance *ret_instance,
                                          struct td_err *err)
{
    struct tdh_cell_agent *cell;
    uint32_t place;

    if (template->first_free == 0 && add_slab(template, err) != 0)
        return NULL;
    place = template->first_free - 1;
    cell = cell_at(template, place);
    template->first_free = cell->next_free;
    cell->generation++;
    memcpy(cell->state, template->image, template->plugin->descriptor.state_size);
    if (init(cell, birth, err) != 0) {
        release_cell(template, cell, place);
        return NULL;
    }
    if (ret_instance != NULL)
        *ret_instance = (uint64_t)cell->generation << 32 | (place + 1);
    return cell;
}

static void drop_cell(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                      uint32_t place)
{
    const struct td_plugin *descriptor = &template->plugin->descriptor;

    if (descriptor->drop != NULL) {
        struct tdh_ctx ctx;

        tdh_agent_enter(template, cell->state, NULL, &ctx);
        descriptor->drop(&ctx.pub);
        tdh_agent_leave(template, &ctx);
    }
    release_cell(template, cell, place);
}

static uint32_t place_of(const struct tdh_agent_template *template,
                         const struct tdh_cell_agent *cell)
{
    for (uint32_t slab = 0; slab < template->slab_count; slab++) {
        size_t bytes = (size_t)((const char *)cell - template->slabs[slab]);

        if ((const char *)cell >= template->slabs[slab] &&
            bytes < SLAB_CELLS * template->cell_bytes)
            return slab * SLAB_CELLS + (uint32_t)(bytes / template->cell_bytes);
    }
    return 0; /* not reached: cells are of slabs */
}

void tdh_agent_cell_end(struct tdh_agent_template *template, struct tdh_cell_agent *cell)
{
    drop_cell(template, cell, place_of(template, cell));
}

/* The living cell of a handle, or NULL. */
static struct tdh_cell_agent *find_cell(const struct tdh_agent_template *template,
                                        tdh_instance instance, uint32_t *ret_place)
{
    uint32_t place = (uint32_t)instance - 1;
    struct tdh_cell_agent *cell;

    if ((uint32_t)instance == 0 || place / SLAB_CELLS >= template->slab_count ||
        (instance >> 32) % 2 == 0)
        return NULL;
    cell = cell_at(template, place);
    *ret_place = place;
    return cell->generation == (uint32_t)(instance >> 32) ? cell : NULL;
}

int tdh_instance_new(struct tdh_agent_template *template, tdh_instance *ret_instance,
                     struct td_err *err)
{
    return tdh_agent_cell_new(template, NULL, ret_instance, err) != NULL ? 0 : -1;
}

void tdh_instance_end(struct tdh_agent_template *template, tdh_instance instance)
{
    uint32_t place;
    struct tdh_cell_agent *cell = find_cell(template, instance, &place);

    if (cell != NULL)
        drop_cell(template, cell, place);
}

int tdh_instance_call(struct tdh_agent_template *template, tdh_instance instance,
                      const char *action, const json_t *input, json_t **ret_output,
                      struct td_err *err)
{
    struct tdh_call call = { .input = input };
    uint32_t place;

    call.subject = find_cell(template, instance, &place);
    if (call.subject == NULL)
        return td_fail(err, TD_E_NOTFOUND, "this instance of \"%s\" was ended", template->name);
    call.target = tdh_agent_target(template, action, err);
    if (call.target == NULL || tdh_call_run(&call, err) != 0)
        return -1;
    *ret_output = call.output;
    return 0;
}

size_t tdh_instance_bytes(const struct tdh_agent_template *template)
{
    return template->cell_bytes;
}

void tdh_agent_slabs_free(struct tdh_agent_template *template)
{
    for (uint32_t place = 0; place < template->slab_count * SLAB_CELLS; place++)
        if (cell_at(template, place)->generation % 2 == 1)
            drop_cell(template, cell_at(template, place), place);
    for (size_t i = 0; i < template->slab_count; i++) {
        free(template->slabs[i]);
        atomic_fetch_sub(&template->line->bytes, (int64_t)(SLAB_CELLS * template->cell_bytes));
    }
    free(template->slabs);
}
