/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex: PCRE2 set up to read RE2's language as far as it goes: LF ends lines, `$` is the end of
 * the text, no \C.
 *
 * PCRE2 cannot tell how much work a match was, only that a limit was hit. So a match is tried under
 * a small limit for a small price first, and only one that needs more is tried again under the
 * large limit for the large price.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "cel/regex.h"

#include <pcre2.h>
#include <stdio.h>
#include <string.h>

enum {
    NESTED_MAX = 50, /* parentheses: bounds the recursion of the compiler */
    HEAP_KIB = 2048,
    DEPTH_MAX = 20000,
    OPTIONS = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
};

static const struct {
    uint32_t work, work_per_byte; /* calls of PCRE2's match() */
    uint32_t steps;               /* and 1 per 64 bytes */
} tries[] = { { 4000, 4, 20 }, { 200000, 40, 2000 } };
enum { TRIES = sizeof(tries) / sizeof(tries[0]) };

/* What PCRE2 works with in one run; all of it in the arena. */
struct cel_matcher {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    struct cel_value text; /* of `code` */
    pcre2_code *code;
};

/* NULL with an error number of PCRE2 and the byte it is about. */
static pcre2_code *compile(const char *text, size_t length, pcre2_general_context *memory,
                           int *ret_error, size_t *ret_at)
{
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_code *code;

    *ret_error = PCRE2_ERROR_HEAP_FAILED;
    *ret_at = 0;
    if (context == NULL)
        return NULL;
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, NESTED_MAX);
    pcre2_set_max_pattern_length(context, CEL_PATTERN_MAX);
    code = pcre2_compile((PCRE2_SPTR8)text, length, OPTIONS, ret_error, ret_at, context);
    pcre2_compile_context_free(context);
    return code;
}

struct cel_pattern *cel_pattern_new(const char *text, size_t length, struct td_err *err)
{
    char words[160];
    size_t at;
    int error, shown = length < 200 ? (int)length : 200;
    pcre2_code *code = compile(text, length, NULL, &error, &at);

    if (code != NULL)
        return (struct cel_pattern *)code;
    if (error == PCRE2_ERROR_HEAP_FAILED) {
        td_fail(err, TD_E_NOMEM, "could not allocate the pattern \"%.*s\"", shown, text);
        return NULL;
    }
    if (pcre2_get_error_message(error, (PCRE2_UCHAR8 *)words, sizeof(words)) < 0)
        snprintf(words, sizeof(words), "error %d", error);
    td_fail(err, TD_E_INVAL, "pattern \"%.*s\" cannot be used: %s at byte %zu", shown, text, words,
            at + 1);
    return NULL;
}

void cel_pattern_free(struct cel_pattern *pattern)
{
    pcre2_code_free((pcre2_code *)pattern);
}

static void *take(size_t size, void *run)
{
    return cel_alloc(run, size);
}

static void give_back(void *memory, void *run)
{
    (void)memory; /* the arena forgets it with the rest */
    (void)run;
}

static struct cel_matcher *matcher_of(struct cel_run *run)
{
    struct cel_matcher *matcher = run->matcher;

    if (matcher != NULL)
        return matcher;
    matcher = cel_alloc(run, sizeof(*matcher));
    if (matcher == NULL)
        return NULL;
    *matcher = (struct cel_matcher){ .memory = pcre2_general_context_create(take, give_back, run) };
    if (matcher->memory == NULL ||
        (matcher->limits = pcre2_match_context_create(matcher->memory)) == NULL ||
        (matcher->data = pcre2_match_data_create(1, matcher->memory)) == NULL)
        return NULL;
    pcre2_set_heap_limit(matcher->limits, HEAP_KIB);
    pcre2_set_depth_limit(matcher->limits, DEPTH_MAX);
    run->matcher = matcher;
    return matcher;
}

static struct cel_value settle(struct cel_run *run, int status)
{
    if (status >= 0 || status == PCRE2_ERROR_NOMATCH)
        return cel_bool(status >= 0);
    if (status <= PCRE2_ERROR_UTF8_ERR1 && status >= PCRE2_ERROR_UTF8_ERR21)
        return cel_fault("\"matches\" was given a text that is not UTF-8");
    cel_stop(run, TD_E_LIMIT, "\"matches\" needs more backtracking than is allowed");
    return cel_stopped();
}

struct cel_value cel_match(struct cel_run *run, const struct cel_pattern *pattern,
                           struct cel_value text)
{
    struct cel_matcher *matcher;
    int status = PCRE2_ERROR_MATCHLIMIT;

    if (text.type != CEL_STRING)
        return cel_no_overload(run, "matches", (struct cel_value[]){ text, cel_string("", 0) }, 2);
    matcher = matcher_of(run);
    if (matcher == NULL)
        return cel_stopped();
    for (int i = 0; i < TRIES && status == PCRE2_ERROR_MATCHLIMIT; i++) {
        uint64_t work = tries[i].work + (uint64_t)tries[i].work_per_byte * text.size;

        cel_charge(run, tries[i].steps + (text.size >> 6));
        if (run->steps_left == 0)
            return cel_stopped();
        pcre2_set_match_limit(matcher->limits, work < UINT32_MAX ? (uint32_t)work : UINT32_MAX);
        status =
            pcre2_match((const pcre2_code *)pattern, (PCRE2_SPTR8)(text.size > 0 ? text.as.s : ""),
                        text.size, 0, 0, matcher->data, matcher->limits);
    }
    return settle(run, status);
}

static bool is_same_text(struct cel_value a, struct cel_value b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.as.s, b.as.s, a.size) == 0);
}

struct cel_value cel_match_text(struct cel_run *run, struct cel_value pattern,
                                struct cel_value text)
{
    struct cel_matcher *matcher = matcher_of(run);
    size_t at;
    int error;

    if (matcher == NULL)
        return cel_stopped();
    if (matcher->code == NULL || !is_same_text(matcher->text, pattern)) {
        cel_charge(run, 50 + pattern.size);
        matcher->code = compile(pattern.as.s, pattern.size, matcher->memory, &error, &at);
        matcher->text = pattern;
    }
    if (matcher->code == NULL)
        return cel_fault_about(run, "%s is not a pattern that \"matches\" can use", pattern);
    return cel_match(run, (const struct cel_pattern *)matcher->code, text);
}
