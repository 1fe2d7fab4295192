/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp: compares the facts that a plugin was built with with a host's, before any of its code
 * runs.
 */
#include <string.h>

#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

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

struct td_stamp tdh_stamp_own(void)
{
    return (struct td_stamp)TD_STAMP_HERE;
}

int tdh_stamp_check_for(const struct td_stamp *stamp, const struct td_stamp *host,
                        const char *which, struct td_err *err)
{
    if (stamp->magic != host->magic)
        return td_fail(err, TD_E_ABI,
                       "not a tdev plugin: \"td_entry\" begins with 0x%08x, must be 0x%08x",
                       stamp->magic, host->magic);
    if (stamp->major != host->major || stamp->minor > host->minor) {
        td_fail(err, TD_E_ABI, "needs plugin ABI %u.%u, %s host offers %u.%u", stamp->major,
                stamp->minor, which, host->major, host->minor);
        return td_hint(err,
                       "build the plugin with the SDK of %s host, or install a tdev that offers "
                       "its ABI",
                       which);
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned theirs = field_of(stamp, rows[i].offset), ours = field_of(host, rows[i].offset);

        if (theirs != ours)
            return td_fail(err, TD_E_ABI, "was built with %s %u, %s host with %u", rows[i].name,
                           theirs, which, ours);
    }
    return 0;
}

int tdh_stamp_check(const struct td_stamp *stamp, struct td_err *err)
{
    const struct td_stamp own = tdh_stamp_own();

    return tdh_stamp_check_for(stamp, &own, "this", err);
}

/* All else is the host's own in both. */
int tdh_stamp_compare(const struct td_stamp *note, const struct td_stamp *entry, struct td_err *err)
{
    if (note->major == entry->major && note->minor == entry->minor)
        return 0;
    return td_fail(err, TD_E_ABI, "its note says plugin ABI %u.%u, its symbol \"td_entry\" %u.%u",
                   note->major, note->minor, entry->major, entry->minor);
}
