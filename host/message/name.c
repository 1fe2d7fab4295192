/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: names of events, and patterns of them.
 */
#include <string.h>

#include "message/message.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* Letters of a word. */
static size_t word_length(const char *text)
{
    size_t length = 0;

    while (is_letter(text[length]))
        length++;
    return length;
}

/* Words with dots between; in a pattern a word may be "*", the last one "**". */
static bool is_name(const char *text, bool is_pattern)
{
    if (strlen(text) > TDH_EVENT_NAME)
        return false;
    for (;;) {
        size_t length = word_length(text);

        if (length == 0 && is_pattern && strcmp(text, "**") == 0)
            return true;
        if (length == 0 && is_pattern && text[0] == '*')
            length = 1;
        if (length == 0)
            return false;
        text += length;
        if (*text == '\0')
            return true;
        if (*text++ != '.')
            return false;
    }
}

int tdh_event_check_name(const char *name, struct td_err *err)
{
    if (is_name(name, false))
        return 0;
    return td_fail(err, TD_E_INVAL,
                   "\"%.140s\" is no name of an event: that is words of letters, digits, \"_\" and "
                   "\"-\" with dots between, such as order.created, at most %d bytes",
                   name, TDH_EVENT_NAME);
}

int tdh_event_check_pattern(const char *pattern, struct td_err *err)
{
    if (is_name(pattern, true))
        return 0;
    return td_fail(err, TD_E_INVAL,
                   "\"%.140s\" is no pattern of events: that is a name such as order.created in "
                   "which \"*\" stands for one word, and \"**\" at its end for one or more",
                   pattern);
}

bool tdh_event_matches(const char *pattern, const char *name)
{
    while (*pattern != '\0' && *name != '\0') {
        size_t length = word_length(name);

        if (strcmp(pattern, "**") == 0)
            return true;
        if (pattern[0] == '*')
            pattern++;
        else if (word_length(pattern) == length && strncmp(pattern, name, length) == 0)
            pattern += length;
        else
            return false;
        name += length;
        if (*pattern != *name)
            return false;
        pattern += *pattern != '\0';
        name += *name != '\0';
    }
    return *pattern == '\0' && *name == '\0';
}
