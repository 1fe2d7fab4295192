/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf: reads what a library says of itself before the system's loader does.
 *
 * The loader trusts a file: where a segment lies behind the file's end it maps what is not there
 * and dies of SIGBUS, and with the whole host. So what it will rely on is held against the file:
 * headers, segments, and the machine, which must be the one this code was built for. What is inside
 * of the segments is not looked at, but for notes; for that there is tdh_plugins_check_apart.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/internal.h"

enum {
    SEGMENTS_MAX = 64,
    NOTES_BYTES_MAX = 64 << 10, /* of one segment; what is behind is not looked at */
    OWN_CLASS = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32
};

/* The header of the object this code is in; the linker makes the name. NULL: it did not. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));

/* A library that is being looked at. */
struct image {
    int fd;
    const char *name;
    uint64_t size;
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[SEGMENTS_MAX];
};

static uint64_t end_of(uint64_t offset, uint64_t length)
{
    return length > UINT64_MAX - offset ? UINT64_MAX : offset + length;
}

/* What ends behind the end of the file was cut off. */
static int check_end(const struct image *image, const char *what, uint64_t offset, uint64_t length,
                     struct td_err *err)
{
    uint64_t end = end_of(offset, length);

    if (end <= image->size)
        return 0;
    return td_fail(err, TD_E_ABI, "library \"%s\" is cut short: %s at byte %llu, the file has %llu",
                   image->name, what, (unsigned long long)end, (unsigned long long)image->size);
}

static int read_at(const struct image *image, uint64_t offset, void *into, size_t length,
                   struct td_err *err)
{
    ssize_t got;

    do
        got = pread(image->fd, into, length, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)length)
        return 0;
    return got < 0 ? td_fail_sys(err, "could not read library \"%s\"", image->name)
                   : td_fail(err, TD_E_IO, "library \"%s\" was being written while it was read",
                             image->name);
}

static int read_ident(struct image *image, struct td_err *err)
{
    unsigned char *ident = image->header.e_ident;

    if (image->size < EI_NIDENT)
        memset(ident, 0, EI_NIDENT);
    else if (read_at(image, 0, ident, EI_NIDENT, err) != 0)
        return -1;
    if (memcmp(ident, ELFMAG, SELFMAG) != 0)
        return td_fail(err, TD_E_ABI, "library \"%s\" is not an ELF shared object", image->name);
    if (ident[EI_CLASS] != OWN_CLASS)
        return td_fail(err, TD_E_ABI, "library \"%s\" is built for another word size", image->name);
    return 0;
}

static int read_header(struct image *image, struct td_err *err)
{
    ElfW(Ehdr) *header = &image->header;
    const ElfW(Ehdr) *own = &__ehdr_start;

    if (read_ident(image, err) != 0 ||
        check_end(image, "its header ends", 0, sizeof(*header), err) != 0 ||
        read_at(image, 0, header, sizeof(*header), err) != 0)
        return -1;
    if (own != NULL &&
        (header->e_ident[EI_DATA] != own->e_ident[EI_DATA] || header->e_machine != own->e_machine))
        return td_fail(err, TD_E_ABI,
                       "library \"%s\" is built for another machine: ELF number %u, this is %u",
                       image->name, header->e_machine, own->e_machine);
    if (header->e_type != ET_DYN)
        return td_fail(err, TD_E_ABI, "library \"%s\" is ELF, but not a shared object",
                       image->name);
    if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 ||
        header->e_phnum > SEGMENTS_MAX)
        return td_fail(err, TD_E_ABI,
                       "library \"%s\" is damaged: %u program headers of %u bytes, "
                       "must be 1 to %d of %zu",
                       image->name, header->e_phnum, header->e_phentsize, SEGMENTS_MAX,
                       sizeof(ElfW(Phdr)));
    return 0;
}

static int read_segments(struct image *image, struct td_err *err)
{
    const ElfW(Ehdr) *header = &image->header;
    size_t bytes = header->e_phnum * sizeof(image->segments[0]);

    if (check_end(image, "its program headers end", header->e_phoff, bytes, err) != 0 ||
        read_at(image, header->e_phoff, image->segments, bytes, err) != 0)
        return -1;
    for (size_t i = 0; i < header->e_phnum; i++)
        if (check_end(image, "a segment ends", image->segments[i].p_offset,
                      image->segments[i].p_filesz, err) != 0)
            return -1;
    /* the loader does not need them, but they are the last thing in a file */
    return check_end(image, "its section headers end", header->e_shoff,
                     (uint64_t)header->e_shnum * header->e_shentsize, err);
}

static int fail_part(const struct image *image, const char *what, struct td_err *err)
{
    return td_fail(err, TD_E_ABI, "library \"%s\" is damaged: %s", image->name, what);
}

/* They are mapped into one piece of memory, in their order, the later over the earlier. */
static int check_loads(const struct image *image, struct td_err *err)
{
    uint64_t end = 0;

    for (size_t i = 0; i < image->header.e_phnum; i++) {
        const ElfW(Phdr) *load = &image->segments[i];

        if (load->p_type != PT_LOAD)
            continue;
        if (load->p_vaddr < end || load->p_filesz > load->p_memsz)
            return fail_part(image, "its segments overlap", err);
        end = end_of(load->p_vaddr, load->p_memsz);
    }
    return 0;
}

/* Will this be in memory? With slack: or just behind, up to the border of a page. */
static bool is_mapped(const struct image *image, const ElfW(Phdr) * segment, bool has_slack)
{
    for (size_t i = 0; i < image->header.e_phnum; i++) {
        const ElfW(Phdr) *load = &image->segments[i];
        uint64_t end = end_of(load->p_vaddr, load->p_memsz);

        if (load->p_type == PT_LOAD && segment->p_vaddr >= load->p_vaddr &&
            segment->p_vaddr - load->p_vaddr == segment->p_offset - load->p_offset &&
            end_of(segment->p_vaddr, segment->p_memsz) <=
                end_of(end, has_slack ? load->p_align : 0))
            return true;
    }
    return false;
}

/* The loader follows the dynamic section without looking, and seals the part that is only to be
 * read, of which some linkers say that it goes on to the end of a page. */
static int check_parts(const struct image *image, struct td_err *err)
{
    bool has_dynamic = false;

    for (size_t i = 0; i < image->header.e_phnum; i++) {
        const ElfW(Phdr) *segment = &image->segments[i];

        has_dynamic = has_dynamic || segment->p_type == PT_DYNAMIC;
        if (segment->p_type == PT_DYNAMIC && !is_mapped(image, segment, false))
            return fail_part(image, "its dynamic section is not in what is loaded", err);
        if (segment->p_type == PT_GNU_RELRO && !is_mapped(image, segment, true))
            return fail_part(image, "what is to be sealed is not in what is loaded", err);
    }
    return has_dynamic ? 0 : fail_part(image, "it has no dynamic section", err);
}

static int read_notes_of(const struct image *image, const ElfW(Phdr) * segment,
                         struct td_note *note, struct td_err *err)
{
    size_t length = segment->p_filesz < NOTES_BYTES_MAX ? segment->p_filesz : NOTES_BYTES_MAX;
    char *bytes = malloc(length + 1);
    int rc = -1;

    if (bytes == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes for notes of \"%s\"", length,
                       image->name);
    if (read_at(image, segment->p_offset, bytes, length, err) == 0)
        rc = tdh_note_find(bytes, length, segment->p_align == 8 ? 8 : 4, image->name, note, err);
    free(bytes);
    return rc;
}

static int read_notes(const struct image *image, struct td_note *note, struct td_err *err)
{
    for (size_t i = 0; i < image->header.e_phnum; i++)
        if (image->segments[i].p_type == PT_NOTE && image->segments[i].p_filesz > 0 &&
            read_notes_of(image, &image->segments[i], note, err) != 0)
            return -1;
    return 0;
}

int tdh_elf_check(int fd, const char *name, struct td_note *ret_note, struct td_err *err)
{
    struct image image = { .fd = fd, .name = name };
    struct stat status;

    memset(ret_note, 0, sizeof(*ret_note));
    if (fstat(fd, &status) != 0)
        return td_fail_sys(err, "could not look at library \"%s\"", name);
    image.size = (uint64_t)status.st_size;
    if (read_header(&image, err) != 0 || read_segments(&image, err) != 0 ||
        check_loads(&image, err) != 0 || check_parts(&image, err) != 0)
        return -1;
    return read_notes(&image, ret_note, err);
}
