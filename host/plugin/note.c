/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note: the stamp of a library as its ELF note tells it, without opening the library. A note is
 * believed as far as it goes: what opens must have the same stamp.
 */
#include <elf.h>
#include <string.h>

#include "plugin/internal.h"

enum { NOTE_MIN = offsetof(struct td_note, sdk) + sizeof(((struct td_note *)NULL)->sdk) };

/* A header of ELF is the same for both word sizes. */
struct header {
    uint32_t owner_size, note_size, type;
};

static int fail_note(const char *name, struct td_err *err, const char *what)
{
    return td_fail(err, TD_E_ABI, "library \"%s\" is damaged: its note \"" TD_NOTE_OWNER "\" %s",
                   name, what);
}

static bool is_sdk_version(const char *text)
{
    struct tdh_semver version;
    struct td_err ignored;

    return memchr(text, '\0', sizeof(((struct td_note *)NULL)->sdk)) != NULL &&
           tdh_semver_parse(text, &version, &ignored) == 0;
}

/* `bytes` is what the note says. */
static int take(const char *bytes, size_t size, const char *name, struct td_note *note,
                struct td_err *err)
{
    struct td_note found;

    if (note->size != 0)
        return fail_note(name, err, "is there twice");
    if (size < NOTE_MIN)
        return fail_note(name, err, "is too short");
    memcpy(&found, bytes, sizeof(found));
    if (found.size < NOTE_MIN || found.size > size)
        return fail_note(name, err, "does not have the size it says");
    if (found.stamp.magic != TD_ABI_MAGIC || !is_sdk_version(found.sdk))
        return fail_note(name, err, "holds no stamp");
    *note = found;
    return 0;
}

static bool is_ours(const struct header *header, const char *owner)
{
    return header->type == TD_NOTE_STAMP && header->owner_size == sizeof(TD_NOTE_OWNER) &&
           memcmp(owner, TD_NOTE_OWNER, sizeof(TD_NOTE_OWNER)) == 0;
}

static uint64_t round_up(uint64_t value, size_t align)
{
    return (value + align - 1) / align * align;
}

int tdh_note_find(const char *bytes, size_t length, size_t align, const char *name,
                  struct td_note *note, struct td_err *err)
{
    struct header header;

    for (uint64_t at = 0; at < length && length - at >= sizeof(header);) {
        uint64_t owner = at + sizeof(header), text, end;

        memcpy(&header, bytes + at, sizeof(header));
        text = round_up(owner + header.owner_size, align);
        end = text + header.note_size;
        if (text > length) /* what is not well formed is nobody's */
            return 0;
        if (is_ours(&header, bytes + owner)) {
            if (end > length)
                return fail_note(name, err, "ends behind its segment");
            if (take(bytes + text, header.note_size, name, note, err) != 0)
                return -1;
        }
        at = round_up(end, align);
    }
    return 0;
}
