/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature: keys, plugin.sig, and the gate that asks for them.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "base/json.h"
#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MISFIT "inline/misfit"

/* A key of its own for each test: HOME/plugin.key. */
static struct tdh_public_key own;
static struct tdh_trust *trust;

static int setup(void **state)
{
    struct plugin_home *home;
    char line[TDH_KEY_TEXT + 16];

    plugin_home_setup(state);
    home = *state;
    assert_int_equal(tdh_private_key_make(plugin_home_path(home, "plugin.key"), &own, &home->err),
                     0);
    trust = tdh_trust_new(&home->err);
    assert_non_null(trust);
    tdh_public_key_print(&own, line);
    strcat(line, " jane");
    assert_int_equal(tdh_trust_add(trust, line, &home->err), 0);
    home->options.trust = trust;
    home->options.signatures = TDH_SIGNATURES_REQUIRE;
    return 0;
}

static int teardown(void **state)
{
    tdh_trust_free(trust);
    return plugin_home_teardown(state);
}

#define SIGNED_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void sign(struct plugin_home *home, const char *folder)
{
    struct tdh_signature made;
    char key[PATH_MAX];

    snprintf(key, sizeof(key), "%s", plugin_home_path(home, "plugin.key"));
    home->err = (struct td_err){ 0 };
    if (tdh_signature_make(plugin_home_path(home, folder), key, &made, &home->err) == 0)
        tdh_signature_free(&made);
    assert_string_equal(home->err.text, "");
}

/* All that `tdev plugin verify` does; "": it is as it was signed. */
static const char *verify(struct plugin_home *home, const char *folder)
{
    struct tdh_signature signature;
    const char *path = plugin_home_path(home, folder), *owner = NULL;

    home->err = (struct td_err){ 0 };
    if (tdh_signature_read(path, &signature, &home->err) != 0)
        return plugin_home_shown(home, home->err.text);
    if (tdh_signature_trusted(&signature, trust, &owner, &home->err) == 0) {
        assert_string_equal(owner, "jane");
        tdh_signature_check(&signature, path, &home->err);
    }
    tdh_signature_free(&signature);
    return plugin_home_shown(home, home->err.text);
}

static void make_folder(struct plugin_home *home)
{
    plugin_home_write(home, "x/plugin.yaml", "name: x\n");
    plugin_home_write(home, "x/x.so", "code");
    plugin_home_write(home, "x/data/b", "b");
    plugin_home_write(home, "x/data.txt", "before data/ or behind it");
    sign(home, "x");
}

/* --- keys --- */

/* RFC 8032, section 7.1, tests 1 and 2. */
static void ed25519_is_that_of_the_standard(void **state)
{
    static const struct {
        const char *key, *bytes, *signature;
    } cases[] = {
        { "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "",
          "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVf"
          "uIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==" },
        { "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=", "\x72",
          "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoI"
          "WsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==" },
    };
    unsigned char signature[TDH_SIGNATURE_BYTES];
    struct tdh_public_key key;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = strlen(cases[i].bytes);

        assert_true(tdh_base64_read(cases[i].key, 44, key.bytes, sizeof(key.bytes)));
        assert_true(tdh_base64_read(cases[i].signature, 88, signature, sizeof(signature)));
        assert_true(tdh_public_key_fits(&key, cases[i].bytes, length, signature));
        assert_false(tdh_public_key_fits(&key, "x", 1, signature));
    }
}

static void a_private_key_is_its_owners_alone_and_is_never_overwritten(void **state)
{
    struct plugin_home *home = *state;
    const char *path = plugin_home_path(home, "plugin.key");
    struct tdh_public_key key;
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(tdh_private_key_make(path, &key, &home->err), -1);
    assert_int_equal(home->err.code, TD_E_EXISTS);
    assert_int_equal(chmod(path, 0640), 0);
    assert_null(tdh_private_key_read(path, &home->err));
    assert_string_equal(plugin_home_shown(home, home->err.text),
                        "others can reach the private key \"~/plugin.key\"");
    assert_int_equal(home->err.code, TD_E_PERM);
}

static void what_is_no_key_is_told(void **state)
{
    static const struct {
        const char *line, *want;
    } cases[] = {
        { "rsa AAAA", "\"rsa AAAA\" is no public key: it must begin with ed25519" },
        { "ed25519 AAAA", "\"ed25519 AAAA\" is no public key: it must have 32 bytes in base64 "
                          "behind ed25519" },
        { "ed25519 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=",
          "\"ed25519 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=\" is no public key: it must have "
          "32 bytes in base64 behind ed25519" }, /* bits behind the last byte */
    };
    struct plugin_home *home = *state;
    struct tdh_public_key key;
    const char *owner;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(tdh_public_key_parse(cases[i].line, &key, &owner, &home->err), -1);
        assert_string_equal(home->err.text, cases[i].want);
    }
    plugin_home_write(home, "bad.key", "-----BEGIN PRIVATE KEY-----\nMC4\n");
    assert_int_equal(chmod(plugin_home_path(home, "bad.key"), 0600), 0);
    assert_null(tdh_private_key_read(plugin_home_path(home, "bad.key"), &home->err));
    assert_string_equal(plugin_home_shown(home, home->err.text),
                        "\"~/bad.key\" holds no private key of Ed25519 in PEM without a password");
}

static void a_file_of_keys_is_read_line_by_line(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_trust *more = tdh_trust_new(&home->err);
    struct tdh_public_key other = { { 1, 2, 3 } };
    char line[TDH_KEY_TEXT], text[256];

    assert_non_null(more);
    assert_null(tdh_trust_find(more, &other));
    assert_null(tdh_trust_find(NULL, &other));
    tdh_public_key_print(&other, line);
    snprintf(text, sizeof(text), "# of the house\n\n  %s  the other one\r\n", line);
    plugin_home_write(home, "keys", text);
    assert_int_equal(tdh_trust_add(more, plugin_home_path(home, "keys"), &home->err), 0);
    assert_string_equal(tdh_trust_find(more, &other), "the other one");
    plugin_home_write(home, "keys", "# nobody\n\nnonsense\n");
    assert_int_equal(tdh_trust_add(more, plugin_home_path(home, "keys"), &home->err), -1);
    assert_string_equal(plugin_home_shown(home, home->err.text),
                        "~/keys:3: \"nonsense\" is no public key: it must begin with ed25519");
    tdh_trust_free(more);
}

/* --- folders --- */

static void spoil_nothing(const struct plugin_home *home)
{
    (void)home;
}

static void change_data(const struct plugin_home *home)
{
    plugin_home_write(home, "x/data/b", "c");
}

static void add_file(const struct plugin_home *home)
{
    plugin_home_write(home, "x/data/a", "a");
}

static void add_last(const struct plugin_home *home)
{
    plugin_home_write(home, "x/z", "");
}

static void take_away(const struct plugin_home *home)
{
    assert_int_equal(unlink(plugin_home_path(home, "x/x.so")), 0);
}

static void swap_names(const struct plugin_home *home)
{
    assert_int_equal(
        rename(plugin_home_path(home, "x/data.txt"), plugin_home_path(home, "x/data.text")), 0);
}

static void add_link(const struct plugin_home *home)
{
    assert_int_equal(symlink("x.so", plugin_home_path(home, "x/y.so")), 0);
}

static void add_pipe(const struct plugin_home *home)
{
    assert_int_equal(mkfifo(plugin_home_path(home, "x/pipe"), 0600), 0);
}

static void drop_signature(const struct plugin_home *home)
{
    assert_int_equal(unlink(plugin_home_path(home, "x/plugin.sig")), 0);
}

/* Changes one byte of plugin.sig, `at` from its beginning or, less than 0, from its end. */
static void edit_signature(const struct plugin_home *home, long at)
{
    FILE *file = fopen(plugin_home_path(home, "x/plugin.sig"), "r+e");
    int c;

    assert_non_null(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    c = fgetc(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    fputc(c == '0' ? '1' : '0', file);
    assert_int_equal(fclose(file), 0);
}

static void edit_version(const struct plugin_home *home)
{
    edit_signature(home, 16);
}

static void edit_hash(const struct plugin_home *home)
{
    edit_signature(home, 70);
}

static void edit_end(const struct plugin_home *home)
{
    edit_signature(home, -20);
}

#define NO_SIGNATURE "plugin.sig is no signature that this version of tdev can read"
static const struct {
    void (*spoil)(const struct plugin_home *home);
    const char *want;
} spoiled[] = {
    { spoil_nothing, "" },
    { change_data, "file \"data/b\" was changed after it was signed" },
    { add_file, "file \"data/a\" was added after it was signed" },
    { add_last, "file \"z\" was added after it was signed" },
    { take_away, "file \"x.so\" was taken away after it was signed" },
    { swap_names, "file \"data.text\" was added after it was signed" },
    { add_link, "\"~/x/y.so\" is a link: only files and folders can be signed" },
    { add_pipe, "\"~/x/pipe\" is no file: only files and folders can be signed" },
    { drop_signature, "is not signed" },
    { edit_version, NO_SIGNATURE },
    { edit_hash, "plugin.sig was changed after it was signed" },
    { edit_end, "plugin.sig was changed after it was signed" },
};

static void whatever_changes_after_the_signature_is_named(void **state)
{
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        make_folder(*state);
        spoiled[i].spoil(*state);
        assert_string_equal(verify(*state, "x"), spoiled[i].want);
        teardown(state);
        setup(state);
    }
}

static void a_cut_signature_is_none(void **state)
{
    struct plugin_home *home = *state;
    const char *path;
    struct stat status;

    make_folder(home);
    path = plugin_home_path(home, "x/plugin.sig");
    assert_int_equal(stat(path, &status), 0);
    for (off_t size = status.st_size - 1; size >= 0; size -= size > 40 ? 7 : 1) {
        assert_int_equal(truncate(plugin_home_path(home, "x/plugin.sig"), size), 0);
        assert_string_equal(verify(home, "x"), NO_SIGNATURE);
    }
}

static void a_key_that_is_not_trusted_is_shown(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_public_key other;
    char want[256], line[TDH_KEY_TEXT];

    assert_int_equal(unlink(plugin_home_path(home, "plugin.key")), 0);
    assert_int_equal(unlink(plugin_home_path(home, "plugin.key.pub")), 0);
    assert_int_equal(tdh_private_key_make(plugin_home_path(home, "plugin.key"), &other, &home->err),
                     0);
    make_folder(home);
    tdh_public_key_print(&other, line);
    snprintf(want, sizeof(want), "is signed with a key that is not trusted: %s", line);
    assert_string_equal(verify(home, "x"), want);
}

static void the_private_key_is_never_signed_along(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_signature made;
    char key[PATH_MAX];

    make_folder(home);
    assert_int_equal(
        rename(plugin_home_path(home, "plugin.key"), plugin_home_path(home, "x/data/key")), 0);
    snprintf(key, sizeof(key), "%s", plugin_home_path(home, "x/data/key"));
    assert_int_equal(tdh_signature_make(plugin_home_path(home, "x"), key, &made, &home->err), -1);
    assert_string_equal(home->err.text,
                        "the private key is a file of the folder that is signed: \"data/key\"");
}

static void a_shortage_of_memory_is_told(void **state)
{
    struct plugin_home *home = *state;
    char key[PATH_MAX];
    struct tdh_signature made;
    int rc = -1;

    make_folder(home);
    snprintf(key, sizeof(key), "%s", plugin_home_path(home, "plugin.key"));
    for (unsigned n = 1; rc != 0; n++) {
        const char *folder = plugin_home_path(home, "x");

        home->err = (struct td_err){ 0 };
        alloc_fail_at(n);
        rc = tdh_signature_make(folder, key, &made, &home->err);
        if (rc == 0)
            tdh_signature_free(&made);
        if (rc == 0 && tdh_signature_read(folder, &made, &home->err) == 0) {
            tdh_signature_check(&made, folder, &home->err);
            tdh_signature_free(&made);
        }
        if (!alloc_fail_end())
            break;
        assert_int_equal(home->err.code, TD_E_NOMEM);
        rc = -1;
    }
    assert_string_equal(home->err.text, "");
    assert_string_equal(verify(home, "x"), "");
}

/* --- the gate --- */

static void only_what_was_signed_is_loaded(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    plugin_home_open(home);
    plugin_home_load_badly(home, "misfit", TD_E_PERM, "plugin \"misfit\": is not signed");
    sign(home, MISFIT);
    plugin_home_load_well(home, "misfit"); /* in the same registry: what was refused is read anew */
    plugin_home_write(home, MISFIT "/extra", "x");
    plugin_home_open(home);
    plugin_home_load_badly(home, "misfit", TD_E_PERM,
                           "plugin \"misfit\": file \"extra\" was added after it was signed");
    home->options.signatures = TDH_SIGNATURES_WARN;
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    home->options.signatures = TDH_SIGNATURES_REQUIRE;
    home->options.trust = NULL;
    plugin_home_open(home);
    assert_null(plugin_home_load(home, "misfit"));
    assert_non_null(strstr(home->err.text, "is signed with a key that is not trusted: ed25519 "));
}

static void the_library_that_is_opened_is_the_one_that_was_signed(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    sign(home, MISFIT);
    plugin_home_open(home);
    assert_non_null(tdh_plugins_find(home->plugins, TD_KIND_AGENT, "misfit", &home->err));
    plugin_home_library(home, "misfit_name", MISFIT "/misfit.so"); /* between look and opening */
    plugin_home_load_badly(
        home, "misfit", TD_E_PERM,
        "plugin \"misfit\": library \"misfit.so\" was changed after it was signed");
}

static void the_manifest_that_counts_is_the_one_that_was_signed(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_gate gate = { .signatures = TDH_SIGNATURES_REQUIRE, .trust = trust };
    struct tdh_manifest *manifest;

    plugin_home_misfit(home, MISFIT, "good", "permissions: {network: [\"*\"]}");
    manifest = tdh_manifest_read(plugin_home_path(home, MISFIT), &home->err);
    assert_non_null(manifest);
    plugin_home_misfit(home, MISFIT, "good", NULL); /* between reading it and the check */
    sign(home, MISFIT);
    assert_int_equal(tdh_check_signature(&gate, manifest, &home->err), -1);
    assert_string_equal(home->err.text, "file \"plugin.yaml\" was changed after it was signed");
    tdh_manifest_free(manifest);
}

/* A run that began with an edition goes on with it, whatever the folder holds now. */
static void an_edition_that_was_kept_needs_its_signer(void **state)
{
    struct plugin_home *home = *state;
    char edition[TDH_EDITION_ID];

    plugin_home_misfit(home, MISFIT, "good", NULL);
    home->options.signatures = TDH_SIGNATURES_OFF;
    plugin_home_open(home);
    strcpy(edition, plugin_home_load_well(home, "misfit")->edition);
    home->options.signatures = TDH_SIGNATURES_REQUIRE;
    plugin_home_misfit(home, MISFIT, "good", "description: another one");
    plugin_home_open(home);
    assert_null(tdh_plugins_edition(home->plugins, TD_KIND_AGENT, "misfit", edition, &home->err));
    assert_non_null(
        strstr(home->err.text, "was not found signed with a trusted key when it was kept"));
    plugin_home_misfit(home, MISFIT, "good", NULL); /* the same again, signed */
    sign(home, MISFIT);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    plugin_home_misfit(home, MISFIT, "good", "description: another one");
    plugin_home_open(home);
    home->err = (struct td_err){ 0 };
    tdh_plugin_release(
        tdh_plugins_edition(home->plugins, TD_KIND_AGENT, "misfit", edition, &home->err));
    assert_string_equal(home->err.text, "");
    home->options.trust = NULL;
    plugin_home_open(home);
    assert_null(tdh_plugins_edition(home->plugins, TD_KIND_AGENT, "misfit", edition, &home->err));
    assert_non_null(strstr(home->err.text, "is signed with a key that is not trusted: ed25519 "));
}

static void bundled_plugins_need_no_signature(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ed25519_is_that_of_the_standard),
        SIGNED_TEST(a_private_key_is_its_owners_alone_and_is_never_overwritten),
        SIGNED_TEST(what_is_no_key_is_told),
        SIGNED_TEST(a_file_of_keys_is_read_line_by_line),
        SIGNED_TEST(whatever_changes_after_the_signature_is_named),
        SIGNED_TEST(a_cut_signature_is_none),
        SIGNED_TEST(a_key_that_is_not_trusted_is_shown),
        SIGNED_TEST(the_private_key_is_never_signed_along),
        SIGNED_TEST(a_shortage_of_memory_is_told),
        SIGNED_TEST(only_what_was_signed_is_loaded),
        SIGNED_TEST(the_library_that_is_opened_is_the_one_that_was_signed),
        SIGNED_TEST(the_manifest_that_counts_is_the_one_that_was_signed),
        SIGNED_TEST(an_edition_that_was_kept_needs_its_signer),
        SIGNED_TEST(bundled_plugins_need_no_signature),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
