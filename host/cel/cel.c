/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel: runs a program over JSON roots or typed ones, and tells how it went.
 */
#include "cel/cel.h"

#include "cel/json.h"
#include "cel/program.h"
#include "cel/run.h"
#include "cel/typed.h"

static struct cel_run new_run(const struct tdh_cel *cel, struct tdh_arena *arena)
{
    return (struct cel_run){
        .cel = cel,
        .arena = arena,
        .steps_left = TDH_CEL_STEPS,
        .bytes_left = TDH_CEL_BYTES,
    };
}

static struct cel_run new_json_run(const struct tdh_cel *cel, const struct tdh_cel_env *env,
                                   struct tdh_arena *arena)
{
    struct cel_run run = new_run(cel, arena);

    run.roots = env != NULL ? env->roots : NULL;
    run.root_count = env != NULL ? env->root_count : 0;
    return run;
}

/* 0 with a value; -1 when the program came to a fault or a bound. */
static int evaluate(struct cel_run *run, struct cel_value *ret_value, struct td_err *err)
{
    *ret_value = cel_evaluate(run);
    if (run->steps_left == 0)
        return cel_stop_tell(run, err);
    return ret_value->type == CEL_FAULT ? cel_fault_tell(run, *ret_value, err) : 0;
}

json_t *tdh_cel_eval(const struct tdh_cel *cel, const struct tdh_cel_env *env,
                     struct tdh_arena *arena, struct td_err *err)
{
    struct cel_run run = new_json_run(cel, env, arena);
    struct cel_value value;

    return evaluate(&run, &value, err) == 0 ? cel_to_json(&run, value, err) : NULL;
}

int tdh_cel_eval_bool(const struct tdh_cel *cel, const struct tdh_cel_env *env,
                      struct tdh_arena *arena, bool *ret_value, struct td_err *err)
{
    struct cel_run run = new_json_run(cel, env, arena);
    struct cel_value value;

    if (evaluate(&run, &value, err) != 0)
        return -1;
    if (value.type != CEL_BOOL)
        return td_fail(err, TD_E_INVAL, "condition gives %s, must give bool",
                       cel_type_name((enum cel_type)value.type));
    *ret_value = value.as.i != 0;
    return 0;
}

json_t *tdh_cel_eval_typed(const struct tdh_cel *cel, const json_t *typed_roots,
                           struct tdh_arena *arena, struct td_err *err)
{
    struct cel_run run = new_run(cel, arena);
    struct cel_value value;

    run.typed = cel_typed_roots(&run, typed_roots, err);
    if (run.typed == NULL || evaluate(&run, &value, err) != 0)
        return NULL;
    return cel_to_typed(&run, value, err);
}
