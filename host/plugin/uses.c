/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uses: what one attempt of a capability uses at most, by meter.
 */
#include <stdlib.h>

#include "base/meter.h"
#include "plugin/internal.h"

int tdh_field_meters(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    struct tdh_meters **ret_meters = (struct tdh_meters **)(void *)((char *)into + field->offset);
    struct tdh_meters meters;
    struct tdh_meter_fault fault;

    if (!tdh_meters_read(value, &meters, &fault))
        return fault.key != NULL
                   ? tdh_spot_fail_key(spot, fault.key, err, "\"%.64s\" %s", fault.key, fault.text)
                   : tdh_spot_fail(spot, err, "\"%s\" %s", field->key, fault.text);
    if (json_object_get(value, TDH_METER_CALLS) != NULL)
        return tdh_spot_fail_key(spot, TDH_METER_CALLS, err,
                                 "\"calls\" is the host's own meter: each attempt is one");
    *ret_meters = malloc(sizeof(meters));
    if (*ret_meters == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what a capability uses");
    **ret_meters = meters;
    return 0;
}
