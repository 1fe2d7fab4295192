/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: refuses what is no request, each with what is wrong and the way out. Markup, template
 * signs and path names are words like any others: nothing is taken out here, and whoever writes
 * them into a file escapes them.
 */
#include "internal.h"

#include <utf8proc.h>

static bool is_white(uint32_t c)
{
    utf8proc_category_t category;

    if (c == '\t' || c == '\n' || c == '\r' || c == ' ')
        return true;
    category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}

static bool is_letter(uint32_t c)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);

    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

static int refuse(struct td_err *err, const char *hint)
{
    td_hint(err, "%s", hint);
    return -1;
}

/* Looks at each character; *ret_letters tells whether there is a word at all. */
static int check_characters(const struct nl_request *request, bool *ret_letters, struct td_err *err)
{
    bool is_blank = true;
    uint32_t c;

    *ret_letters = false;
    for (size_t at = 0, used; at < request->length; at += used) {
        used = lang_utf8_next(request->text + at, request->length - at, &c);
        if (used == 0) {
            td_fail(err, TD_E_INVAL, "the request is not UTF-8 at byte %zu (0x%02x)", at,
                    (unsigned)(unsigned char)request->text[at]);
            return refuse(err, "save or send the request as UTF-8 text");
        }
        if (!is_white(c) && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_CC) {
            td_fail(err, TD_E_INVAL, "the request has the control character U+%04X at byte %zu",
                    (unsigned)c, at);
            return refuse(err, "take the control character out; tabs and line ends may stay");
        }
        is_blank = is_blank && is_white(c);
        *ret_letters = *ret_letters || is_letter(c);
    }
    if (!is_blank)
        return 0;
    td_fail(err, TD_E_INVAL,
            request->length == 0 ? "the request is empty" : "the request is blank");
    return refuse(err, "say in a sentence what to build, for example \"a todo app with tags\"");
}

int nl_check(const struct nl_request *request, struct td_err *err)
{
    bool has_letters;

    if (request->length > request->limit_bytes) {
        td_fail(err, TD_E_LIMIT, "the request has %zu bytes, more than the limit of %zu",
                request->length, request->limit_bytes);
        err->is_retryable = false;
        return refuse(err, "shorten the request, or raise the option \"limit\" of nl-input");
    }
    if (check_characters(request, &has_letters, err) != 0)
        return -1;
    if (has_letters)
        return 0;
    td_fail(err, TD_E_INVAL, "the request has no words, only signs");
    return refuse(err, "say in a sentence what to build, for example \"a todo app with tags\"");
}
