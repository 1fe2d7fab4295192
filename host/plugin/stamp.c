/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp: compares the facts that a plugin was built with with the host's own, before any of its
 * code runs.
 */
#include <string.h>

#include "plugin/internal.h"

/* Fields that must be equal: comparing and telling share the list. */
static const struct {
    const char *name;
    size_t offset;
} rows[] = {
    { "pointer size", offsetof(struct td_stamp, pointer_size) },
    { "time_t size", offsetof(struct td_stamp, time_size) },
    { "off_t size", offsetof(struct td_stamp, off_size) },
    { "jansson major version", offsetof(struct td_stamp, jansson_major) },
    { "struct td_err size", offsetof(struct td_stamp, err_size) },
    { "flags", offsetof(struct td_stamp, flags) },
};

static unsigned field_of(const struct td_stamp *stamp, size_t offset)
{
    uint16_t value;

    memcpy(&value, (const char *)stamp + offset, sizeof(value));
    return value;
}

int tdh_stamp_check(const struct td_stamp *stamp, struct td_err *err)
{
    static const struct td_stamp own = TD_STAMP_HERE;

    if (stamp->magic != own.magic)
        return td_fail(err, TD_E_ABI,
                       "not a tdev plugin: \"td_entry\" begins with 0x%08x, must be 0x%08x",
                       stamp->magic, own.magic);
    if (stamp->major != own.major || stamp->minor > own.minor) {
        td_fail(err, TD_E_ABI, "needs plugin ABI %u.%u, this host offers %u.%u", stamp->major,
                stamp->minor, own.major, own.minor);
        return td_hint(
            err,
            "build the plugin with the SDK of this host, or install a tdev that offers its ABI");
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned theirs = field_of(stamp, rows[i].offset), ours = field_of(&own, rows[i].offset);

        if (theirs != ours)
            return td_fail(err, TD_E_ABI, "was built with %s %u, this host with %u", rows[i].name,
                           theirs, ours);
    }
    return 0;
}
