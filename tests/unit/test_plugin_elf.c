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

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The least that passes: headers, and one segment with the dynamic section in it. And a part to be
 * sealed, so that something can be said of it. */
struct file {
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[3];
    ElfW(Shdr) sections[1];
    char rest[64];
};

static void make_file(struct file *file)
{
    *file = (struct file){
        .header = { .e_type = ET_DYN,
                    .e_phoff = offsetof(struct file, segments),
                    .e_phentsize = sizeof(ElfW(Phdr)),
                    .e_phnum = 3,
                    .e_shoff = offsetof(struct file, sections),
                    .e_shentsize = sizeof(ElfW(Shdr)),
                    .e_shnum = 1 },
        .segments = { { .p_type = PT_LOAD, .p_filesz = sizeof(*file), .p_memsz = sizeof(*file) },
                      { .p_type = PT_DYNAMIC,
                        .p_vaddr = offsetof(struct file, rest),
                        .p_offset = offsetof(struct file, rest),
                        .p_filesz = 32,
                        .p_memsz = 32 },
                      { .p_type = PT_GNU_RELRO, .p_memsz = 32 } },
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
    struct td_note note;
    int rc;

    assert_non_null(temp);
    assert_int_equal(fwrite(file, 1, size, temp), size);
    assert_int_equal(fflush(temp), 0);
    rc = tdh_elf_check(fileno(temp), "x.so", &note, err);
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
      "library \"x.so\" is damaged: 3 program headers of 8 bytes, must be 1 to 64 of 56" },
    { 63, 0, 0, 0, "library \"x.so\" is cut short: its header ends at byte 64, the file has 63" },
    { 100, 0, 0, 0,
      "library \"x.so\" is cut short: its program headers end at byte 232, the file has 100" },
    { WHOLE, AT(header.e_phoff), 8, UINT64_MAX,
      "library \"x.so\" is cut short: its program headers end at byte 18446744073709551615, "
      "the file has 360" },
    { WHOLE - 1, 0, 0, 0,
      "library \"x.so\" is cut short: a segment ends at byte 360, the file has 359" },
    { WHOLE, AT(segments[1].p_filesz), 8, UINT64_MAX - 8,
      "library \"x.so\" is cut short: a segment ends at byte 18446744073709551615, "
      "the file has 360" },
    { WHOLE, AT(header.e_shnum), 2, 3,
      "library \"x.so\" is cut short: its section headers end at byte 424, the file has 360" },
    { WHOLE, AT(segments[1].p_vaddr), 8, 4096,
      "library \"x.so\" is damaged: its dynamic section is not in what is loaded" },
    { WHOLE, AT(segments[1].p_vaddr), 8, 0,
      "library \"x.so\" is damaged: its dynamic section is not in what is loaded" },
    { WHOLE, AT(segments[1].p_type), 4, PT_NOTE,
      "library \"x.so\" is damaged: it has no dynamic section" },
    { WHOLE, AT(segments[2].p_memsz), 8, WHOLE + 1,
      "library \"x.so\" is damaged: what is to be sealed is not in what is loaded" },
    { WHOLE, AT(segments[1].p_type), 4, PT_LOAD,
      "library \"x.so\" is damaged: its segments overlap" },
    { WHOLE, AT(segments[0].p_memsz), 8, 32, "library \"x.so\" is damaged: its segments overlap" },
};

static void each_lie_is_named(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip(); /* the numbers below are those of 64 bits */
    for (size_t i = 0; i < COUNT(cases); i++) {
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

/* --- notes --- */

/* One of our own, in front of it another's, and behind it room. */
struct notes {
    uint32_t owner_size, note_size, type;
    char owner[4], text[8];
    struct td_note_section own;
    char rest[64];
};

static const struct notes well = {
    .owner_size = 4, .note_size = 5, .type = 1, .owner = "GNU", .own = TD_NOTE_HERE
};

#define OWN(member) offsetof(struct notes, own.member)

static const struct {
    size_t at, length; /* which bytes are others */
    uint64_t value;
    size_t size;      /* of what is left; 0: all */
    const char *want; /* NULL: our note is found, "": there is none */
} note_cases[] = {
    { 0, 0, 0, 0, NULL },
    { 0, 0, 0, sizeof(struct notes) - 64, NULL },
    { 0, 0, 0, 27, "" },
    { 0, 4, UINT32_MAX, 0, "" },
    { 4, 4, UINT32_MAX, 0, "" },
    { OWN(owner), 1, 'x', 0, "" },
    { OWN(owner_size), 4, 4, 0, "" },
    { OWN(type), 4, 2, 0, "" },
    { 0, 0, 0, sizeof(struct notes) - 65, "ends behind its segment" },
    { OWN(note_size), 4, UINT32_MAX, 0, "ends behind its segment" },
    { OWN(note_size), 4, 43, 0, "is too short" },
    { OWN(note.size), 4, 43, 0, "does not have the size it says" },
    { OWN(note.size), 4, 45, 0, "does not have the size it says" },
    { OWN(note.stamp.magic), 1, 'x', 0, "holds no stamp" },
    { OWN(note.sdk), 1, 'x', 0, "holds no stamp" },
    { OWN(note.sdk[15]), 1, '1', 0, NULL },
};

static int find(const struct notes *notes, size_t size, struct td_note *note, struct td_err *err)
{
    return tdh_note_find((const char *)notes, size, 4, "x.so", note, err);
}

static void each_fault_of_a_note_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(note_cases); i++) {
        const char *want = note_cases[i].want;
        bool is_fault = want != NULL && want[0] != '\0';
        struct notes notes = well;
        struct td_err err = { 0 };
        struct td_note note = { 0 };
        char text[128];

        memcpy((char *)&notes + note_cases[i].at, &note_cases[i].value, note_cases[i].length);
        assert_int_equal(
            find(&notes, note_cases[i].size > 0 ? note_cases[i].size : sizeof(notes), &note, &err),
            is_fault ? -1 : 0);
        assert_int_equal(note.size, want == NULL ? sizeof(note) : 0);
        snprintf(text, sizeof(text), "library \"x.so\" is damaged: its note \"tdev\" %s", want);
        assert_string_equal(err.text, is_fault ? text : "");
    }
}

static void a_second_note_is_refused(void **state)
{
    struct td_err err = { 0 };
    struct td_note note = { 0 };

    (void)state;
    assert_int_equal(find(&well, sizeof(well), &note, &err), 0);
    assert_int_equal(find(&well, sizeof(well), &note, &err), -1);
    assert_string_equal(err.text, "library \"x.so\" is damaged: its note \"tdev\" is there twice");
}

/* A later SDK may say more. */
static void a_note_that_grew_is_cut(void **state)
{
    struct notes notes = well;
    struct td_err err = { 0 };
    struct td_note note = { 0 };

    (void)state;
    notes.own.note_size += 8;
    notes.own.note.size += 8;
    assert_int_equal(find(&notes, sizeof(notes), &note, &err), 0);
    assert_int_equal(note.size, 52);
    assert_string_equal(note.sdk, TD_SDK_VERSION);
}

/* --- a library as it was built --- */

/* A copy of it, without a name. *ret_size: its bytes. */
static FILE *copy_real(off_t *ret_size)
{
    FILE *from = fopen(TEST_BUILDDIR "/tests/plugins/.libs/misfit_good.so", "re");
    FILE *copy = tmpfile();
    char bytes[4096];
    size_t count;

    assert_non_null(from);
    assert_non_null(copy);
    while ((count = fread(bytes, 1, sizeof(bytes), from)) > 0)
        assert_int_equal(fwrite(bytes, 1, count, copy), count);
    fclose(from);
    assert_int_equal(fflush(copy), 0);
    *ret_size = ftello(copy);
    return copy;
}

/* Each length of the first 1024 bytes, then one of 64. */
static void every_cut_of_a_library_is_refused(void **state)
{
    struct td_note note;
    off_t size;
    FILE *copy = copy_real(&size);

    (void)state;
    for (off_t length = size - 1; length >= 0; length -= length > 1024 ? 64 : 1) {
        struct td_err err = { 0 };

        assert_int_equal(ftruncate(fileno(copy), length), 0);
        assert_int_equal(tdh_elf_check(fileno(copy), "x.so", &note, &err), -1);
        assert_int_equal(err.code, TD_E_ABI);
    }
    fclose(copy);
}

/* Quietly: cmocka would tell a signal as the end of a test. */
static void open_and_exit(int fd)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
    char path[64];

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (freopen("/dev/null", "w", stderr) == NULL || dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL)
        _exit(1);
    _exit(0);
}

/* What passes may still be too much for the system's loader, so another process opens it. */
static void open_apart(int fd)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        open_and_exit(fd);
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void a_spoiled_byte_of_the_headers_harms_nobody(void **state)
{
    struct td_note note;
    off_t size;
    FILE *copy = copy_real(&size);
    int fd = fileno(copy);
    ElfW(Ehdr) header;

    (void)state;
    assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
    for (off_t at = 0; at < (off_t)(header.e_phoff + header.e_phnum * sizeof(ElfW(Phdr))); at++) {
        struct td_err err = { 0 };
        char byte;

        assert_int_equal(pread(fd, &byte, 1, at), 1);
        assert_int_equal(pwrite(fd, "\xff", 1, at), 1);
        if (tdh_elf_check(fd, "x.so", &note, &err) == 0)
            open_apart(fd);
        else
            assert_int_equal(err.code, TD_E_ABI);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_int_equal(tdh_elf_check(fd, "x.so", &note, &(struct td_err){ 0 }), 0);
    fclose(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_named),
        cmocka_unit_test(another_machine_is_named),
        cmocka_unit_test(each_fault_of_a_note_is_named),
        cmocka_unit_test(a_second_note_is_refused),
        cmocka_unit_test(a_note_that_grew_is_cut),
        cmocka_unit_test(every_cut_of_a_library_is_refused),
        cmocka_unit_test(a_spoiled_byte_of_the_headers_harms_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
