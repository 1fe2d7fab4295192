/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subtask: reads a list in two passes: ids first, since one may rest on another further down.
 */
#include "supervisor/subtask.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool is_id(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return text != NULL && text[0] != '\0' && strlen(text) <= ID_BYTES &&
           text[strspn(text, letters)] == '\0';
}

/* The place of a subtask among those taken and those of the list; -1: there is none. */
static json_int_t place_of(const json_t *tasks, const json_t *list, const char *id)
{
    size_t taken = json_array_size(tasks), i;
    const json_t *row;

    json_array_foreach (tasks, i, row)
        if (strcmp(text_of(row, "id"), id) == 0)
            return (json_int_t)i;
    json_array_foreach (list, i, row) {
        const char *own = text_of(row, "id");

        if (own != NULL && strcmp(own, id) == 0)
            return (json_int_t)(taken + i);
    }
    return -1;
}

static int check_ids(const json_t *tasks, const json_t *list, struct td_err *err)
{
    const json_t *row;
    size_t i;

    json_array_foreach (list, i, row) {
        const char *id = text_of(row, "id");

        if (!is_id(id))
            return td_fail(
                err, TD_E_INVAL,
                "subtask %zu: \"id\" must be 1 to %d letters, digits, \".\", \"_\" or \"-\"", i,
                ID_BYTES);
        if (place_of(tasks, list, id) != (json_int_t)(json_array_size(tasks) + i))
            return td_fail(err, TD_E_INVAL, "subtask %zu: there is a \"%s\" already", i, id);
    }
    return 0;
}

/* --- workers --- */

static bool is_worker(const struct kit_member *worker, const json_t *row)
{
    const char *name = text_of(row, "worker"), *agent = text_of(row, "agent"),
               *action = text_of(row, "action");

    if (name != NULL)
        return strcmp(worker->name, name) == 0;
    return agent != NULL && strcmp(worker->target_name, agent) == 0 &&
           (action == NULL || (worker->action != NULL && strcmp(worker->action, action) == 0));
}

static int fail_worker(const json_t *row, const struct subtask_rules *rules, struct td_err *err)
{
    const char *name = text_of(row, "worker"), *agent = text_of(row, "agent");
    char names[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < rules->worker_count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"", i > 0 ? ", " : "",
                                 rules->workers[i].name);
    return td_fail(err, TD_E_INVAL, "subtask \"%s\": \"%s\" is no worker; these are: %s",
                   text_of(row, "id"), name != NULL ? name : (agent != NULL ? agent : ""), names);
}

static int find_worker(const json_t *row, const struct subtask_rules *rules, size_t *ret_worker,
                       struct td_err *err)
{
    for (size_t i = 0; i < rules->worker_count; i++)
        if (is_worker(&rules->workers[i], row)) {
            *ret_worker = i;
            return 0;
        }
    return fail_worker(row, rules, err);
}

/* --- what a subtask rests on --- */

/* Places. new */
static json_t *read_after(const json_t *tasks, const json_t *list, const json_t *row,
                          struct td_err *err)
{
    const json_t *names = json_object_get(row, "depends_on"), *name;
    const char *id = text_of(row, "id");
    json_t *after = json_array();
    size_t i;

    if (names != NULL && (!json_is_array(names) || json_array_size(names) > AFTER_MAX)) {
        td_fail(err, TD_E_INVAL, "subtask \"%s\": \"depends_on\" must be a list of at most %d ids",
                id, AFTER_MAX);
        goto failed;
    }
    json_array_foreach (names, i, name) {
        const char *text = json_string_value(name);
        json_int_t place = text != NULL ? place_of(tasks, list, text) : -1;

        if (place < 0) {
            td_fail(err, TD_E_INVAL, "subtask \"%s\" rests on \"%s\", which is no subtask", id,
                    text != NULL ? text : "");
            goto failed;
        }
        kit_add(&after, json_integer(place));
    }
    if (after == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a subtask");
    return after;
failed:
    json_decref(after);
    return NULL;
}

/* Subtasks become ready one after another, those taken before being so; in a circle none does. */
static int check_circles(const json_t *tasks, const json_t *rows, struct td_err *err)
{
    bool is_ready[SUBTASKS_MAX] = { false };
    size_t taken = json_array_size(tasks), left = json_array_size(rows), before, i, j;
    const json_t *row, *after;

    for (i = 0; i < taken; i++)
        is_ready[i] = true;
    do {
        before = left;
        json_array_foreach (rows, i, row) {
            bool is_free = !is_ready[taken + i];

            json_array_foreach (json_object_get(row, "after"), j, after)
                is_free = is_free && is_ready[json_integer_value(after)];
            if (is_free) {
                is_ready[taken + i] = true;
                left--;
            }
        }
    } while (left > 0 && left < before);
    if (left == 0)
        return 0;
    for (i = 0; is_ready[taken + i];)
        i++;
    return td_fail(err, TD_E_INVAL, "subtask \"%s\" rests on itself, or on one that rests on it",
                   text_of(json_array_get(rows, i), "id"));
}

/* --- the list --- */

static int add_row(json_t *rows, const json_t *tasks, const json_t *list, const json_t *row,
                   const struct subtask_rules *rules, struct td_err *err)
{
    const json_t *when;
    json_t *after;
    size_t worker = 0;

    if (find_worker(row, rules, &worker, err) != 0)
        return -1;
    if (kit_rules(row, "when", &when, err) != 0) {
        err->code = TD_E_INVAL; /* who made the list is told, as of all else in it */
        return td_context(err, "subtask \"%s\"", text_of(row, "id"));
    }
    after = read_after(tasks, list, row, err);
    if (after == NULL)
        return -1;
    return kit_push(rows,
                    json_pack("{s:s, s:I, s:O*, s:o, s:O*}", "id", text_of(row, "id"), "worker",
                              (json_int_t)worker, "input", json_object_get(row, "input"), "after",
                              after, "when", when),
                    err);
}

int subtasks_take(json_t *tasks, const json_t *list, const struct subtask_rules *rules,
                  struct td_err *err)
{
    size_t count = json_array_size(tasks) + json_array_size(list), i;
    json_t *rows, *row;
    int rc = -1;

    if (!json_is_array(list))
        return td_fail(err, TD_E_INVAL, "there is no list of subtasks");
    if (count > rules->max)
        return td_fail(err, TD_E_INVAL, "that makes %zu subtasks, at most %zu are allowed", count,
                       rules->max);
    if (check_ids(tasks, list, err) != 0)
        return -1;
    rows = json_array();
    json_array_foreach (list, i, row)
        if (add_row(rows, tasks, list, row, rules, err) != 0)
            goto out;
    if (check_circles(tasks, rows, err) == 0)
        rc = json_array_extend(tasks, rows) == 0
                 ? 0
                 : td_fail(err, TD_E_NOMEM, "could not keep the subtasks");
out:
    json_decref(rows);
    return rc;
}
