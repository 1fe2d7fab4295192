/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins: a run stays with the build of each agent's plugin that it called first, also when another
 * serves by now, and in the next process: the ask that called it first has its edition in the
 * journal. What a run takes over from another (a fork, a retry), and one that goes over to another
 * definition, is not held to that: it begins with what serves then.
 */
#include <stdlib.h>
#include <string.h>

#include "run/internal.h"

/* The newest of that agent: to which the run is held. */
static struct tdh_pin *find(const struct tdh_pins *pins, const char *agent)
{
    for (unsigned i = pins->count; i > 0; i--)
        if (strcmp(pins->list[i - 1].edition->agent, agent) == 0)
            return &pins->list[i - 1];
    return NULL;
}

/* Takes one out of the list, if it is there, with its hold. */
static bool take_out(struct tdh_pins *pins, const struct tdh_edition *edition)
{
    for (unsigned i = 0; i < pins->count; i++)
        if (pins->list[i].edition == edition) {
            memmove(&pins->list[i], &pins->list[i + 1],
                    (pins->count - i - 1) * sizeof(*pins->list));
            pins->count--;
            return true;
        }
    return false;
}

static int make_room(struct tdh_pins *pins)
{
    unsigned room = pins->room > 0 ? pins->room * 2 : 4;
    struct tdh_pin *list;

    if (pins->count < pins->room)
        return 0;
    list = realloc(pins->list, room * sizeof(*list));
    if (list == NULL)
        return -1;
    pins->list = list;
    pins->room = room;
    return 0;
}

/* Takes the hold. An earlier edition of the agent stays held: asks that began with it may still be
 * open. */
static int set(struct tdh_pins *pins, struct tdh_edition *edition, bool is_written)
{
    if (make_room(pins) != 0)
        return -1;
    if (take_out(pins, edition))
        tdh_edition_release(edition); /* held twice */
    pins->list[pins->count++] = (struct tdh_pin){ edition, is_written };
    return 0;
}

/* The one that the journal names, or, with NULL, the one that serves. */
static int resolve(struct tdh_run *run, const char *agent, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    struct tdh_edition *found;

    if (tdh_call_resolve(TD_TARGET_AGENT, agent, action, edition, ret_target, err) != 0)
        return -1;
    found = (*ret_target)->edition;
    if (found == NULL)
        return 0; /* the host's own */
    if (set(&run->pins, found, edition != NULL && strcmp(found->id, edition) == 0) == 0)
        return 0;
    tdh_edition_release(found);
    return td_fail(err, TD_E_NOMEM, "could not allocate an ask of run %s", run->id);
}

int tdh_pin_find(struct tdh_run *run, const char *agent, const char *action, const char *edition,
                 struct tdh_target **ret_target, struct td_err *err)
{
    const struct tdh_pin *pin = find(&run->pins, agent);

    if (pin == NULL && edition == NULL)
        edition = json_string_value(json_object_get(run->pins.known, agent));
    if (pin == NULL || (edition != NULL && strcmp(pin->edition->id, edition) != 0))
        return resolve(run, agent, action, edition, ret_target, err);
    *ret_target = pin->edition->find(pin->edition, action, err);
    return *ret_target != NULL ? 0 : -1;
}

bool tdh_pin_write(struct tdh_run *run, const struct tdh_target *target)
{
    struct tdh_pin *pin = target->edition != NULL ? find(&run->pins, target->edition->agent) : NULL;

    if (pin == NULL || pin->is_written)
        return false;
    pin->is_written = true;
    return true;
}

static void show(struct tdh_buf *buf, const char **before, const char *agent, const char *edition)
{
    tdh_buf_text(buf, *before);
    tdh_buf_json_string(buf, agent, strlen(agent));
    tdh_buf_printf(buf, ":\"%s\"", edition);
    *before = ",";
}

void tdh_pins_show(const struct tdh_run *run, struct tdh_buf *buf)
{
    const struct tdh_pins *pins = &run->pins;
    const char *before = ",\"pins\":{", *agent;
    json_t *edition;

    tdh_edition_show(run, buf);
    for (unsigned i = 0; i < pins->count; i++)
        if (pins->list[i].is_written && find(pins, pins->list[i].edition->agent) == &pins->list[i])
            show(buf, &before, pins->list[i].edition->agent, pins->list[i].edition->id);
    json_object_foreach (pins->known, agent, edition)
        if (find(pins, agent) == NULL)
            show(buf, &before, agent, json_string_value(edition));
    if (before[1] == '\0')
        tdh_buf_char(buf, '}');
}

void tdh_edition_show(const struct tdh_run *run, struct tdh_buf *buf)
{
    const struct tdh_plugin *plugin = run->definition->plugin;

    if (plugin != NULL)
        tdh_buf_printf(buf, ",\"edition\":\"%s\"", plugin->edition);
}

bool tdh_pins_fit(const json_t *pins)
{
    const char *agent;
    json_t *edition;

    json_object_foreach ((json_t *)pins, agent, edition)
        if (!json_is_string(edition))
            return false;
    return pins == NULL || json_is_object(pins);
}

void tdh_pins_move(struct tdh_pins *from, struct tdh_pins *to)
{
    for (unsigned i = 0; i < from->count; i++)
        if (set(to, from->list[i].edition, false) != 0)
            tdh_edition_release(from->list[i].edition);
    from->count = 0;
}

void tdh_pins_free(struct tdh_pins *pins)
{
    for (unsigned i = 0; i < pins->count; i++)
        tdh_edition_release(pins->list[i].edition);
    free(pins->list);
    json_decref(pins->known);
    *pins = (struct tdh_pins){ 0 };
}
