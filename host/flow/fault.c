/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: all that is wrong with a workflow, not only the first of it. Where one thing being wrong
 * says nothing of the next (nodes beside each other, their edges, the parts of the head) reading
 * goes on after it has been noted; a stage that rests on one with faults is left out, as it would
 * only tell what follows from them.
 */
#include <string.h>

#include "base/json.h"
#include "flow/plan.h"

bool tdh_fault_note(const struct tdh_flow_reader *reader, const struct td_err *err)
{
    size_t count = json_array_size(reader->faults);
    const json_t *last = json_array_get(reader->faults, count - 1);

    if (reader->faults == NULL || err->code != TD_E_CONFIG)
        return false;
    if (strcmp(tdh_json_str(last, "text", ""), err->text) == 0)
        return count < TDH_FLOW_FAULTS; /* a body has noted it already */
    return count < TDH_FLOW_FAULTS &&
           json_array_append_new(reader->faults, json_pack("{s:s, s:s}", "text", err->text, "hint",
                                                           err->hint)) == 0 &&
           count + 1 < TDH_FLOW_FAULTS;
}

json_t *tdh_flow_faults(const struct tdh_yaml *yaml, const struct tdh_flow_world *world)
{
    struct td_err err;
    struct tdh_yaml *made = tdh_chain_is(yaml->root) ? tdh_chain_lower(yaml, &err) : NULL;
    const struct tdh_yaml *text = made != NULL ? made : yaml;
    json_t *faults = json_array();

    if (faults != NULL && (made != NULL || !tdh_chain_is(yaml->root)))
        tdh_plan_free(tdh_plan_new_told(text->root, text, world, faults));
    tdh_yaml_free(made);
    return faults;
}
