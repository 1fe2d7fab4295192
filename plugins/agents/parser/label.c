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
    while (length > 0 && length + 1 == LABEL && ((unsigned char)label.at[length] & 0xC0U) == 0x80U)
        length--; /* not in the middle of a character */
    text[length] = '\0';
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

/* The singular is the name's last word; its plural takes its place in the label. */
json_t *pa_emit_singular_label(const struct pa_model *model, const struct pa_entity *entity)
{
    char text[LABEL];
    char singular[LABEL];
    char *last;
    size_t length = copy_label(entity->label, text);

    if (lang_has_hangul(entity->label))
        return json_stringn(text, length);
    last = strrchr(text, ' ');
    last = last != NULL ? last + 1 : text;
    lower_first(last);
    lang_lemma(model->reading->rules->lexicon, last, strlen(last), singular);
    if (strlen(singular) <= strlen(last))
        memcpy(last, singular, strlen(singular) + 1);
    text[0] = (char)toupper((unsigned char)text[0]);
    return json_string(text);
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
    lang_lemma(model->reading->rules->lexicon, last, strlen(last), plural);
    if (last == text || strlen(plural) < strlen(last))
        memcpy(last, plural, strlen(plural) + 1);
    lang_plural(model->reading->rules->lexicon, last, plural,
                sizeof(plural) - (size_t)(last - text));
    memcpy(last, plural, strlen(plural) + 1);
    text[0] = (char)toupper((unsigned char)text[0]);
    return json_string(text);
}
