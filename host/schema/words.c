/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: texts of unknown length are made in a buffer, and cut before they fill an error's text.
 */
#include "schema/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/near.h"

enum {
    VALUE_BYTES = 60, /* longest value shown */
    LISTED = 10,      /* most allowed values listed */
    NEAR_WORDS = 200, /* most allowed values looked through for one that may have been meant */
};

void tdh_js_words_value(struct tdh_buf *buf, const json_t *value)
{
    char *text = tdh_json_text(value, 0);
    size_t length = text != NULL ? strlen(text) : 0;
    size_t shown = length;

    if (length > VALUE_BYTES)
        for (shown = VALUE_BYTES; shown > 0 && ((unsigned char)text[shown] & 0xC0U) == 0x80U;)
            shown--;
    tdh_buf_add(buf, text != NULL ? text : "", shown);
    if (shown < length)
        tdh_buf_text(buf, "...");
    free(text);
}

bool tdh_js_words_fail(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *start,
                       struct tdh_buf *words)
{
    if (words->failed)
        tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate an error text");
    else
        tdh_js_run_fail(run, rule, "%s%s", start, words->data);
    tdh_buf_free(words);
    return false;
}

static const char *find_near(const json_t *allowed, const char *text)
{
    const char *words[NEAR_WORDS];
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(allowed) && count < NEAR_WORDS; i++)
        if (json_is_string(json_array_get(allowed, i)))
            words[count++] = json_string_value(json_array_get(allowed, i));
    return tdh_near(text, words, count);
}

bool tdh_js_words_fail_enum(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                            const json_t *allowed, const json_t *value)
{
    const char *text = json_string_value(value);
    const char *near = text != NULL && run->quiet == 0 ? find_near(allowed, text) : NULL;
    size_t count = json_array_size(allowed);
    struct tdh_buf words = { 0 };

    if (run->quiet > 0)
        return false;
    for (size_t i = 0; i < count && i < LISTED; i++) {
        tdh_buf_text(&words, i > 0 ? ", " : "");
        tdh_js_words_value(&words, json_array_get(allowed, i));
    }
    tdh_buf_text(&words, count > LISTED ? ", ..." : count == 0 ? "nothing" : "");
    tdh_buf_text(&words, ", is ");
    tdh_js_words_value(&words, value);
    if (near != NULL)
        tdh_buf_printf(&words, ", did you mean \"%s\"", near);
    return tdh_js_words_fail(run, rule, count == 1 ? "must be " : "must be one of ", &words);
}
