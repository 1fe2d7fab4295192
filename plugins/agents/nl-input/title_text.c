/* SPDX-License-Identifier: Apache-2.0 */
/*
 * title_text: how a title is written: that of a request's words, and that of a name of one's own.
 */
#include "internal.h"

#include <ctype.h>
#include <string.h>

struct nl_title nl_bare_title(const struct nl_reading *reading, const struct nl_title *title)
{
    struct nl_title bare = *title;

    while (bare.count > 1 && reading->tokens.all[bare.first].is_hangul &&
           (reading->tokens.all[bare.first].tags & LANG_ADNOMINAL) != 0) {
        bare.first++;
        bare.count--;
    }
    return bare;
}

/* The words between blanks, the last one without its particle; the first letter is a capital. */
char *nl_title_text(const struct nl_reading *reading, const struct nl_title *title)
{
    struct lang_buf out = { 0 };

    for (size_t i = 0; i < title->count; i++) {
        const struct lang_token *token = &reading->tokens.all[title->first + i];
        bool is_last = i + 1 == title->count;

        if (i > 0 && !token->is_glued)
            lang_buf_add_text(&out, " ");
        lang_buf_add(&out, token->span.at, is_last ? token->stem.length : token->span.length);
    }
    if (title->count == 0)
        lang_buf_add_text(&out, reading->lang[0] == 'k' ? "앱" : "App");
    if (!out.is_failed)
        out.data[0] = (char)toupper((unsigned char)out.data[0]);
    return out.is_failed ? NULL : out.data;
}

/* A name without one capital is written as names in code are: each of its words gets one. */
static bool is_plain(struct lang_span name)
{
    for (size_t i = 0; i < name.length; i++)
        if (isupper((unsigned char)name.at[i]))
            return false;
    return true;
}

static bool is_gap_in_name(char c)
{
    return isspace((unsigned char)c) || (ispunct((unsigned char)c) && strchr("-_./\\", c) != NULL);
}

char *nl_own_title(struct lang_span name)
{
    struct lang_buf out = { 0 };
    bool is_low = is_plain(name);
    bool starts = true;

    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];

        if (is_gap_in_name(c)) {
            starts = true;
            continue;
        }
        if (starts && out.length > 0)
            lang_buf_add_text(&out, " ");
        if (starts && is_low)
            c = (char)toupper((unsigned char)c);
        lang_buf_add(&out, &c, 1);
        starts = false;
    }
    if (out.length == 0)
        lang_buf_add_text(&out, "App");
    if (out.is_failed) {
        lang_buf_free(&out);
        return NULL;
    }
    return out.data;
}
