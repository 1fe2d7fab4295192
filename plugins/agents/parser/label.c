/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label: what people read: the words of the request, with a capital in English, and plurals.
 */
#include "model.h"

#include <ctype.h>
#include <string.h>

#define LABEL 256 /* bytes; longer ones are cut at a character */

static size_t copy_label(struct lang_span label, char text[LABEL])
{
    size_t length = 0;

    for (size_t i = 0; i < label.length && length + 1 < LABEL; i++)
        text[length++] = label.at[i] == '\n' ? ' ' : label.at[i];
    while (length < label.length && length > 0 &&
           ((unsigned char)label.at[length] & 0xC0U) == 0x80U)
        length--; /* not in the middle of a character */
    text[length] = '\0';
    for (size_t i = 1; i < length; i++)
        if (text[i] == 'i' && text[i - 1] == ' ' && (i + 1 == length || text[i + 1] == ' '))
            text[i] = 'I'; /* "What i sold" */
    return length;
}

json_t *pa_emit_label(struct lang_span label)
{
    char text[LABEL];
    size_t length = copy_label(label, text);

    text[0] = (char)toupper((unsigned char)text[0]);
    return json_stringn(text, length);
}

static void lower_first(char *text)
{
    if (isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
}

/* Makes the last word singular; its letters stay as the request has them: "CDs" are CD. */
static void make_singular(const struct pa_model *model, char *word)
{
    char lower[LABEL];
    char singular[LABEL + 4];
    size_t length = 0;

    for (; word[length] != '\0'; length++)
        lower[length] = (char)tolower((unsigned char)word[length]);
    lower[length] = '\0';
    lang_lemma(model->reading->rules->lexicon, lower, length, singular);
    if (strncmp(lower, singular, strlen(singular)) == 0)
        word[strlen(singular)] = '\0';
    else if (strlen(singular) <= length)
        memcpy(word, singular, strlen(singular) + 1);
}

json_t *pa_emit_single(const struct pa_model *model, struct lang_span label)
{
    char text[LABEL];
    char *last;
    size_t length = copy_label(label, text);

    if (lang_has_hangul(label))
        return json_stringn(text, length);
    last = strrchr(text, ' ');
    last = last != NULL ? last + 1 : text;
    lower_first(last);
    make_singular(model, last);
    text[0] = (char)toupper((unsigned char)text[0]);
    return json_string(text);
}

/* The singular is the name's last word; its plural takes its place in the label. */
json_t *pa_emit_singular_label(const struct pa_model *model, const struct pa_entity *entity)
{
    return pa_emit_single(model, entity->label);
}

json_t *pa_emit_plural_label(const struct pa_model *model, const struct pa_entity *entity)
{
    char text[LABEL];
    char plural[LABEL];
    char *last;
    size_t length = copy_label(entity->label, text);

    if (model->reading->lang[0] == 'k' || lang_has_hangul(entity->label))
        return json_stringn(text, length);
    last = strrchr(text, ' ');
    last = last != NULL ? last + 1 : text;
    lower_first(last);
    make_singular(model, last);
    lang_plural(model->reading->rules->lexicon, last, plural,
                sizeof(plural) - (size_t)(last - text));
    memcpy(last, plural, strlen(plural) + 1);
    text[0] = (char)toupper((unsigned char)text[0]);
    return json_string(text);
}
