/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow hostile: workflow files made to hurt: large, deep, repeated, expanding, and with bytes that
 * are no text. Each is read in time that grows with its size, or refused by a limit that is named.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

#define HEAD "id: t\nvariables: {n: 0}\nnodes:\n"
#define START "- {id: s, type: start}\n"
#define END "- {id: e, type: end, depends_on: s}\n"
#define DO "type: task, agent: any, action: do"
#define TASK(rest) HEAD START END "- {id: a, " DO ", depends_on: s, " rest
#define CONDITION TASK("next: {to: e, when: \"")
#define INPUTS TASK("inputs: ")

/* A text, a piece as often as said, in which # is its number from 1 and @ the one before, and the
 * rest, with another piece as often before it. */
struct row {
    const char *begin, *piece;
    unsigned count;
    const char *back, *end, *want;
};

static void add_piece(struct tdh_buf *buf, const char *piece, unsigned number)
{
    for (; *piece != '\0'; piece++)
        if (*piece == '#' || *piece == '@')
            tdh_buf_printf(buf, "%u", *piece == '#' ? number : number - 1);
        else
            tdh_buf_char(buf, *piece);
}

static void check_row(const struct row *row)
{
    struct tdh_buf buf = { 0 };
    struct tdh_definition *definition;
    struct td_err err;
    char want[TD_ERR_TEXT];

    tdh_buf_text(&buf, row->begin);
    for (unsigned i = 1; i <= row->count; i++)
        add_piece(&buf, row->piece, i);
    for (unsigned i = 1; i <= row->count && row->back[0] != '\0'; i++)
        add_piece(&buf, row->back, i);
    tdh_buf_text(&buf, row->end);
    definition = read_flow(buf.data, NULL, &err);
    snprintf(want, sizeof(want), "t.yaml:%s", row->want);
    assert_string_equal(definition != NULL ? "t.yaml:valid" : err.text, want);
    tdh_definition_release(definition);
    tdh_buf_free(&buf);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_row(&rows[i]);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void many_of_anything_are_read_or_refused_by_name(void **state)
{
    static const struct row rows[] = {
        { HEAD START END, "- {id: n#, " DO ", depends_on: s}\n", 9998, "", "", "valid" },
        { HEAD START END, "- {id: n#, " DO ", depends_on: s}\n", 9999, "", "",
          "4:1: the workflow has more than 10000 nodes" },
        { HEAD START END, "- {id: n#, type: parallel}\n", 45000, "", "",
          "4:1: the workflow has more than 10000 nodes" },
        { HEAD START END, "- {id: n#, type: parallel}\n", 100000, "", "",
          "66668:22: more than 200000 values, aliases expanded" },
        { HEAD START END "- {id: n0, " DO ", depends_on: s}\n",
          "- {id: n#, " DO ", depends_on: n@, outputs: {n: '${vars.n + 1}'}}\n", 9997, "", "",
          "valid" },
        /* bodies beside each other */
        { HEAD START END,
          "- {id: l#, type: loop, times: 1, depends_on: s, body: [{id: b#, " DO
          ", inputs: '${nodes.s.output}'}]}\n",
          4998, "", "", "valid" },
        /* the same edge, behind many others */
        { HEAD START END "- {id: p, type: parallel, depends_on: s, next: [", "e, ", 150000, "",
          "]}\n", "valid" },
        { INPUTS "[", "'${vars.n}', ", 190000, "", "]}\n", "valid" },
        { INPUTS "'", "${vars.n}", 100000, "", "'}\n", "valid" },
        { INPUTS "'", "${{", 500000, "", "'}\n",
          "6:70: \"${\" without its closing \"}\" in "
          "\"${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${{${\"" },
        { INPUTS "{", "k#: 1, ", 150000, "", "}}\n", "valid" },
        { INPUTS "[", "1, ", 200000, "", "]}\n",
          "6:600014: more than 200000 values, aliases expanded" },
        { TASK("outputs: {"), "n#: 1, ", 100000, "", "}}\n",
          "6:72: there is no variable \"n1\", did you mean \"n\"" },
        { "", "---\n", 65, "", "", "2:1: another document begins here, 1 allowed" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void what_nests_without_end_is_refused(void **state)
{
    static const struct row rows[] = {
        { INPUTS, "[", 1000, "]", "}\n", "6:195: more than 128 levels deep" },
        { INPUTS, "{a: ", 1000, "}", "}\n", "6:570: more than 128 levels deep" },
        { "id: t\nvariables:\n  ", "- ", 1000, "", "x\n", "3:257: more than 128 levels deep" },
        { "id: t\ninputs: ", "{properties: {a: ", 1000, "}}", "\n",
          "2:1093: more than 128 levels deep" },
        { CONDITION, "(", 1000, ")", "\"}}\n",
          "6:82: "
          "\"(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
          "((((((((((((((((((((((((((((((((((\": 1:251: nested deeper than 250 levels" },
        { CONDITION, "!", 1000, "", "true\"}}\n", "valid" },
        { CONDITION, "-", 1000, "", "1 > 0\"}}\n", "valid" },
        { CONDITION, "[", 1000, "]", " == []\"}}\n",
          "6:82: "
          "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\": 1:251: nested deeper than 250 levels" },
        { CONDITION "true", " ? true : true", 1000, "", "\"}}\n", "valid" },
        { CONDITION "vars", ".n", 2000, "", "\"}}\n", "valid" },
        { CONDITION "[1]", ".map(x#, x#)", 1000, "", " == [1]\"}}\n", "valid" },
        { CONDITION, "[1].map(x#, ", 1000, ")", " == [1]\"}}\n",
          "6:82: \"[1].map(x1, [1].map(x2, [1].map(x3, [1].map(x4, [1].map(x5, [1].map(x6, "
          "[1].map(x7, [1].map(x8, [1].map(x9, [1].map(x10,\": 1:3380: nested deeper than 250 "
          "levels" },
        { CONDITION "true", " || true", 1000, "", "\"}}\n", "valid" },
        { CONDITION "true", " || true", 10000, "", "\"}}\n",
          "6:82: \"true || true || true || true || true || true || true || true || true || true || "
          "true || true || true || true || true || \": expression is 80004 bytes long, at most "
          "65536 are allowed" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void aliases_that_expand_without_end_are_refused(void **state)
{
    static const struct row rows[] = {
        { "id: t\nvariables:\n  a0: &a0 [x, x]\n", "  a#: &a# [*a@, *a@]\n", 40, "", "nodes: []\n",
          "18:20: more than 200000 values, aliases expanded" },
        { "id: t\nvariables:\n  a0: &a0 {x: x, y: y}\n", "  a#: &a# {x: *a@, y: *a@}\n", 40, "",
          "nodes: []\n", "18:26: more than 200000 values, aliases expanded" },
        { "id: t\nvariables:\n  a0: &a0 [x]\n", "  a#: &a# [*a@]\n", 1000, "", "nodes: []\n",
          "129:16: more than 128 levels deep, aliases expanded" },
        { "id: t\nvariables: &v\n", "  v#: *v\n", 3, "", "nodes: []\n",
          "3:7: alias \"v\" stands inside its own anchor" },
        { HEAD START END "- &n {id: a, " DO ", depends_on: s}\n", "- *n\n", 3, "", "",
          "7:3: there are two nodes \"a\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void one_large_text_is_read_or_refused(void **state)
{
    static const struct row rows[] = {
        { TASK("description: '"), "0123456789", 100000, "", "'}\n", "valid" },
        { TASK("inputs: {x: '"), "0123456789", 100000, "", "'}}\n", "valid" },
        { "id: ", "abcdefghij", 100000, "", "\n",
          "1:5: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
        { "id: t\n? ", "0123456789", 100000, "", "\n: 1\n",
          "2:3: unrecognized key "
          "\"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
          "67890123456789\"" },
        { TASK("next: n"), "0123456789", 100000, "", "}\n",
          "6:68: there is no node "
          "\"n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
          "56789012345678\"" },
        { TASK("type2: '"), "0123456789", 100000, "", "'}\n",
          "6:62: unrecognized key \"type2\" of a node of type \"task\", did you mean \"type\"" },
        { CONDITION "'", "0123456789", 100000, "", "' == ''\"}}\n",
          "6:82: "
          "\"'"
          "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
          "8901234567890123456789012345678\": expression is 1000008 bytes long, at most 65536 are "
          "allowed" },
        { TASK("timeout: '"), "0123456789", 100000, "", "s'}\n",
          "6:71: duration "
          "\"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
          "67890123456789\": is too long" },
        { TASK("join: "), "9", 1000, "", "}\n",
          "6:68: integer 9999999999999999999999999999999999999999 is not in -9223372036854775808 "
          "to 9223372036854775807" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    static const struct row rows[] = {
        { "id: \"t\\0x\"\nnodes: []\n", "", 0, "", "",
          "1:5: a text of a workflow cannot hold a NUL character" },
        { CONDITION "true\\0", "", 0, "", "false\"}}\n",
          "6:82: a text of a workflow cannot hold a NUL character" },
        { TASK("inputs: {x: [1, {y: \"\\0\"}]}}\n"), "", 0, "", "",
          "6:82: a text of a workflow cannot hold a NUL character" },
        { "id: \"t\\0\\0", "", 0, "", "\"\nnodes: []\n",
          "1:5: a text of a workflow cannot hold a NUL character" },
        { "id: t\ndescription: \xC3\x28\n", "", 0, "", "",
          "2:15: invalid trailing UTF-8 octet (0x28)" },
        { "id: t\ndescription: \xED\xA0\x80\n", "", 0, "", "",
          "2:14: invalid Unicode character (0xD800)" },
        { "id: t\ndescription: \xF8\x88\x80\x80\x80\n", "", 0, "", "",
          "2:14: invalid leading UTF-8 octet (0xF8)" },
        { "id: t\ndescription: \xC0\xAF\n", "", 0, "", "",
          "2:14: invalid length of a UTF-8 sequence" },
        { "id: t\ndescription: a\x1B[31mb\n", "", 0, "", "",
          "2:15: control characters are not allowed (0x1B)" },
        { "\xFE\xFF\0i", "", 0, "", "", "1:1: invalid leading UTF-8 octet (0xFE)" },
        { "\xEF\xBB\xBF" HEAD START END, "", 0, "", "", "valid" },
        { "\xEF\xBB\xBFnodez: 1\n", "", 0, "", "",
          "1:1: unrecognized key \"nodez\", did you mean \"nodes\"" },
        { "id: t\r\nnodes:\r\n- {id: s, type: start}\r\n- {id: e, type: end, depends_on: s}\r\n",
          "", 0, "", "", "valid" },
        { "id: t\r\nnodes:\r\n- {id: s, type: strat}\r\n", "", 0, "", "",
          "3:17: there is no node type \"strat\", did you mean \"start\"" },
        { "id: t\nnodes:\t\n- {id:\ts, type: start}\n- {id: e, type: end,\tdepends_on: s}\n", "", 0,
          "", "", "valid" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_raw_nul_is_no_end(void **state)
{
    static const char text[] = HEAD START END "\0- {id: x}\n";
    struct td_err err;

    (void)state;
    assert_null(tdh_yaml_parse(text, sizeof(text) - 1, "t.yaml", &err));
    assert_string_equal(err.text, "t.yaml:6:1: control characters are not allowed (0x00)");
}

/* A file that is larger than any workflow is not read. */
static void a_file_of_10_megabytes_is_refused(void **state)
{
    char path[] = TEST_BUILDDIR "/hostile.XXXXXX";
    int fd = mkstemp(path);
    char want[TD_ERR_TEXT];
    struct td_err err;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 10 << 20), 0);
    assert_null(tdh_yaml_read(path, &err));
    snprintf(want, sizeof(want), "\"%s\" is larger than 4194304 bytes", path);
    assert_string_equal(err.text, want);
    assert_int_equal(err.code, TD_E_LIMIT);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_of_anything_are_read_or_refused_by_name),
        cmocka_unit_test(what_nests_without_end_is_refused),
        cmocka_unit_test(aliases_that_expand_without_end_are_refused),
        cmocka_unit_test(one_large_text_is_read_or_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(a_raw_nul_is_no_end),
        cmocka_unit_test(a_file_of_10_megabytes_is_refused),
    };

    return cmocka_run_group_tests_name("flow hostile", tests, NULL, NULL);
}
