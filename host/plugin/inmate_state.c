/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate_state: save, load and migrate in the process of an isolated plugin.
 */
#include <stdlib.h>

#include "plugin/inmate.h"

struct work {
    const struct tdh_served *served;
    const struct tdh_inmate_instance *instance; /* NULL: migrate */
    json_t *given, *path, *result;
};

static int work_on(struct work *work, struct tdh_ctx *ctx, struct td_err *err)
{
    const struct tdh_frame_head *head = &work->served->frame->head;

    if (head->kind == TDH_FRAME_SAVE)
        return tdh_state_save(ctx, &work->result, err);
    if (head->kind == TDH_FRAME_LOAD)
        return tdh_state_load(ctx, work->given, err);
    return tdh_state_migrate(ctx, (uint32_t)head->number, head->place, work->given, &work->result,
                             &work->path, err);
}

static int run_work(void *arg, struct td_err *err)
{
    struct work *work = arg;
    struct tdh_ctx ctx;
    int rc;

    if (work->instance != NULL)
        tdh_inmate_enter(&ctx, work->instance->template, work->instance->state,
                         (struct tdh_served *)(uintptr_t)work->served);
    else
        tdh_ctx_begin(&ctx, &tdh_inmate.services, tdh_inmate.plugin,
                      tdh_inmate.plugin->manifest->name, NULL, NULL);
    rc = work_on(work, &ctx, err);
    tdh_ctx_end(&ctx);
    return rc;
}

static int put_result(struct work *work, struct tdh_buf *payload, struct td_err *err)
{
    json_t *pair = NULL;

    if (work->path != NULL)
        pair = json_pack("{s:O, s:O}", "path", work->path, "state", work->result);
    if (work->result != NULL)
        tdh_buf_json(payload, pair != NULL ? pair : work->result, 0);
    json_decref(pair);
    return payload->failed || (work->path != NULL && pair == NULL)
               ? td_fail(err, TD_E_NOMEM, "could not allocate a state")
               : 0;
}

int tdh_inmate_state(struct tdh_served *served, struct tdh_buf *payload, struct td_err *err)
{
    const struct tdh_frame_head *head = &served->frame->head;
    struct tdh_inmate_instance *instance = tdh_inmate_instance(head->subject);
    struct work work = { .served = served };
    int rc = 0;

    if (head->kind != TDH_FRAME_MIGRATE && instance == NULL)
        return td_fail(err, TD_E_INTERNAL, "the state of an instance that is not there");
    if (tdh_inmate.plugin->state == NULL)
        return td_fail(err, TD_E_INTERNAL, "the state of a plugin that has none");
    if (head->kind != TDH_FRAME_SAVE)
        work.given = tdh_frame_json(served->frame, 0, err);
    if (head->kind != TDH_FRAME_SAVE && work.given == NULL)
        return -1;
    if (head->kind != TDH_FRAME_MIGRATE) {
        work.instance = instance;
        instance->uses++;
    }
    rc = tdh_inmate_in_place(run_work, &work, TDH_NEVER, err);
    if (rc == 0)
        rc = put_result(&work, payload, err);
    if (work.instance != NULL && --instance->uses == 0 && instance->is_dropped)
        tdh_inmate_drop(instance, served);
    json_decref(work.given);
    json_decref(work.path);
    json_decref(work.result);
    return rc;
}
