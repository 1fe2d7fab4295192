/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin elf: a library that says of itself what is not so is refused before the system's loader
 * believes it.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

/* The least that passes: headers, and one segment with the dynamic section in it. */
struct file {
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[2];
    ElfW(Shdr) sections[1];
    char rest[64];
};

static void make_file(struct file *file)
{
    *file = (struct file){
        .header = { .e_type = ET_DYN,
                    .e_phoff = offsetof(struct file, segments),
                    .e_phentsize = sizeof(ElfW(Phdr)),
                    .e_phnum = 2,
                    .e_shoff = offsetof(struct file, sections),
                    .e_shentsize = sizeof(ElfW(Shdr)),
                    .e_shnum = 1 },
        .segments = { { .p_type = PT_LOAD, .p_filesz = sizeof(*file), .p_memsz = sizeof(*file) },
                      { .p_type = PT_DYNAMIC,
                        .p_vaddr = offsetof(struct file, rest),
                        .p_offset = offsetof(struct file, rest),
                        .p_filesz = 32,
                        .p_memsz = 32 } },
    };
}

/* Ident and machine are those of the test itself. */
static void make_native(struct file *file)
{
    FILE *self = fopen("/proc/self/exe", "re");
    ElfW(Ehdr) header;

    assert_non_null(self);
    assert_int_equal(fread(&header, sizeof(header), 1, self), 1);
    fclose(self);
    make_file(file);
    memcpy(file->header.e_ident, header.e_ident, EI_NIDENT);
    file->header.e_machine = header.e_machine;
    file->header.e_version = header.e_version;
}

static int check(const struct file *file, size_t size, struct td_err *err)
{
    FILE *temp = tmpfile();
    int rc;

    assert_non_null(temp);
    assert_int_equal(fwrite(file, 1, size, temp), size);
    assert_int_equal(fflush(temp), 0);
    rc = tdh_elf_check(fileno(temp), "x.so", err);
    fclose(temp);
    return rc;
}

enum { WHOLE = sizeof(struct file) };
#define AT(member) offsetof(struct file, member)

static const struct {
    size_t size;       /* of the file that is left */
    size_t at, length; /* which bytes are others */
    uint64_t value;    /* which; as the machine writes it */
    const char *want;  /* NULL: it passes */
} cases[] = {
    { WHOLE, 0, 0, 0, NULL },
    { 0, 0, 0, 0, "library \"x.so\" is not an ELF shared object" },
    { WHOLE, 0, 1, 'M', "library \"x.so\" is not an ELF shared object" },
    { WHOLE, EI_CLASS, 1, 9, "library \"x.so\" is built for another word size" },
    { WHOLE, AT(header.e_type), 2, ET_EXEC, "library \"x.so\" is ELF, but not a shared object" },
    { WHOLE, AT(header.e_phnum), 2, 0,
      "library \"x.so\" is damaged: 0 program headers of 56 bytes, must be 1 to 64 of 56" },
    { WHOLE, AT(header.e_phnum), 2, 65,
      "library \"x.so\" is damaged: 65 program headers of 56 bytes, must be 1 to 64 of 56" },
    { WHOLE, AT(header.e_phentsize), 2, 8,
      "library \"x.so\" is damaged: 2 program headers of 8 bytes, must be 1 to 64 of 56" },
    { 63, 0, 0, 0, "library \"x.so\" is cut short: its header ends at byte 64, the file has 63" },
    { 100, 0, 0, 0,
      "library \"x.so\" is cut short: its program headers end at byte 176, the file has 100" },
    { WHOLE, AT(header.e_phoff), 8, UINT64_MAX,
      "library \"x.so\" is cut short: its program headers end at byte 18446744073709551615, "
      "the file has 304" },
    { WHOLE - 1, 0, 0, 0,
      "library \"x.so\" is cut short: a segment ends at byte 304, the file has 303" },
    { WHOLE, AT(segments[1].p_filesz), 8, UINT64_MAX - 8,
      "library \"x.so\" is cut short: a segment ends at byte 18446744073709551615, "
      "the file has 304" },
    { WHOLE, AT(header.e_shnum), 2, 3,
      "library \"x.so\" is cut short: its section headers end at byte 368, the file has 304" },
    { WHOLE, AT(segments[1].p_vaddr), 8, 4096,
      "library \"x.so\" is damaged: no segment that is loaded has a dynamic section" },
    { WHOLE, AT(segments[1].p_type), 4, PT_NOTE,
      "library \"x.so\" is damaged: no segment that is loaded has a dynamic section" },
};

static void each_lie_is_named(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip(); /* the numbers below are those of 64 bits */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct td_err err = { 0 };
        struct file file;

        make_native(&file);
        memcpy((char *)&file + cases[i].at, &cases[i].value, cases[i].length);
        assert_int_equal(check(&file, cases[i].size, &err), cases[i].want != NULL ? -1 : 0);
        assert_string_equal(err.text, cases[i].want != NULL ? cases[i].want : "");
        assert_int_equal(err.code, cases[i].want != NULL ? TD_E_ABI : TD_OK);
    }
}

static void another_machine_is_named(void **state)
{
    struct td_err err = { 0 };
    struct file file;
    char want[128];

    (void)state;
    make_native(&file);
    snprintf(want, sizeof(want),
             "library \"x.so\" is built for another machine: ELF number %u, this is %u", EM_S390,
             file.header.e_machine);
    file.header.e_machine = EM_S390;
    assert_int_equal(check(&file, sizeof(file), &err), -1);
    assert_string_equal(err.text, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_named),
        cmocka_unit_test(another_machine_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
