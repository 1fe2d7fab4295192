/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: matches, and owns what PCRE2 made. The rewriting stands in ecma.c.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/pattern.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "schema/ecma.h"

enum { MATCH_STEPS = 200000, MATCH_DEPTH = 50000, MATCH_HEAP_KIB = 16384 };

struct tdh_js_pattern {
    struct tdh_js_pattern *next;
    pcre2_code *code;
    pcre2_match_context *limits;
    _Atomic(pcre2_match_data *)
        spare; /* kept from the last match, so that a steady state allocates nothing */
    char text[];
};

static struct tdh_js_pattern *allocate(const char *text, size_t length)
{
    struct tdh_js_pattern *pattern = calloc(1, sizeof(*pattern) + length + 1);

    if (pattern == NULL)
        return NULL;
    memcpy(pattern->text, text, length);
    pattern->limits = pcre2_match_context_create(NULL);
    if (pattern->limits == NULL) {
        free(pattern);
        return NULL;
    }
    pcre2_set_match_limit(pattern->limits, MATCH_STEPS);
    pcre2_set_depth_limit(pattern->limits, MATCH_DEPTH);
    pcre2_set_heap_limit(pattern->limits, MATCH_HEAP_KIB);
    return pattern;
}

static int tell(int number, const char *text, struct td_err *err)
{
    PCRE2_UCHAR words[160];

    if (number == PCRE2_ERROR_HEAP_FAILED || number == PCRE2_ERROR_NOMEMORY)
        return td_fail(err, TD_E_NOMEM, "could not allocate the pattern \"%s\"", text);
    pcre2_get_error_message(number, words, sizeof(words));
    if (number == PCRE2_ERROR_PATTERN_TOO_LARGE)
        return td_fail(err, TD_E_LIMIT, "the pattern \"%s\" is too large", text);
    return td_fail(err, TD_E_INVAL, "\"%s\" is not a regular expression: %s", text,
                   (const char *)words);
}

static int compile(struct tdh_js_pattern *pattern, const struct tdh_buf *rewritten,
                   struct td_err *err)
{
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    PCRE2_SIZE offset;
    int number = 0;

    if (context == NULL)
        return tell(PCRE2_ERROR_NOMEMORY, pattern->text, err);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_parens_nest_limit(context, TDH_PATTERN_NEST);
    pattern->code = pcre2_compile((PCRE2_SPTR)(rewritten->data != NULL ? rewritten->data : ""),
                                  rewritten->length, options, &number, &offset, context);
    pcre2_compile_context_free(context);
    return pattern->code != NULL ? 0 : tell(number, pattern->text, err);
}

struct tdh_js_pattern *tdh_js_pattern_new(const char *text, size_t length, struct td_err *err)
{
    struct tdh_buf rewritten = { 0 };
    struct tdh_js_pattern *pattern;

    if (length > TDH_PATTERN_BYTES) {
        td_fail(err, TD_E_LIMIT, "a pattern has %zu bytes, at most %d are allowed", length,
                TDH_PATTERN_BYTES);
        return NULL;
    }
    pattern = allocate(text, length);
    if (pattern == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a pattern");
        return NULL;
    }
    if (tdh_js_ecma_rewrite(text, length, &rewritten, err) != 0 ||
        compile(pattern, &rewritten, err) != 0) {
        tdh_js_pattern_free(pattern);
        pattern = NULL;
    }
    tdh_buf_free(&rewritten);
    return pattern;
}

static pcre2_match_data *take_data(struct tdh_js_pattern *pattern)
{
    pcre2_match_data *data = atomic_exchange(&pattern->spare, NULL);

    return data != NULL ? data : pcre2_match_data_create(1, NULL);
}

static void give_data(struct tdh_js_pattern *pattern, pcre2_match_data *data)
{
    pcre2_match_data_free(atomic_exchange(&pattern->spare, data));
}

int tdh_js_pattern_match(struct tdh_js_pattern *pattern, const char *subject, size_t length,
                         struct td_err *err)
{
    pcre2_match_data *data = take_data(pattern);
    int rc;

    if (data == NULL)
        return tell(PCRE2_ERROR_NOMEMORY, pattern->text, err);
    rc = pcre2_match(pattern->code, (PCRE2_SPTR)subject, length, 0, 0, data, pattern->limits);
    give_data(pattern, data);
    if (rc >= 0)
        return 1;
    if (rc == PCRE2_ERROR_NOMEMORY)
        return tell(rc, pattern->text, err);
    if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT)
        return td_fail(err, TD_E_LIMIT, "the pattern \"%s\" takes more than %d steps on %zu bytes",
                       pattern->text, MATCH_STEPS, length);
    return 0; /* found nowhere, or not UTF-8 */
}

const char *tdh_js_pattern_text(const struct tdh_js_pattern *pattern)
{
    return pattern->text;
}

void tdh_js_pattern_push(struct tdh_js_pattern *pattern, struct tdh_js_pattern **list)
{
    pattern->next = *list;
    *list = pattern;
}

void tdh_js_pattern_free(struct tdh_js_pattern *pattern)
{
    while (pattern != NULL) {
        struct tdh_js_pattern *next = pattern->next;

        pcre2_match_data_free(atomic_load(&pattern->spare));
        pcre2_match_context_free(pattern->limits);
        pcre2_code_free(pattern->code);
        free(pattern);
        pattern = next;
    }
}
