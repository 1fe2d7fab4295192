/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_elf: any bytes are a library whose headers can be believed, or a fault that is told; a note
 * that is found holds a stamp of the size it says.
 */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "plugin/internal.h"

static void check_note(const struct td_note *note)
{
    if (note->size == 0)
        return;
    assert(note->size >= sizeof(*note) && note->stamp.magic == TD_ABI_MAGIC);
    assert(memchr(note->sdk, '\0', sizeof(note->sdk)) != NULL);
}

/* As a file, and as the notes of a segment. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct td_err err = { 0 };
    struct td_note note = { 0 };
    int fd = memfd_create("library", MFD_CLOEXEC), rc;

    if (fd < 0)
        return 0;
    if (write(fd, bytes, size) == (ssize_t)size) {
        rc = tdh_elf_check(fd, "x.so", &note, &err);
        assert(rc == 0 || err.code == TD_E_ABI);
        check_note(&note);
    }
    close(fd);
    for (size_t align = 4; align <= 8; align += 4) {
        note = (struct td_note){ 0 };
        if (tdh_note_find((const char *)bytes, size, align, "x.so", &note, &err) != 0)
            assert(err.code == TD_E_ABI);
        check_note(&note);
    }
    return 0;
}
