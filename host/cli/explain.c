/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain: one line to a part. Where the model names a frame as the source ("frame:book"), nothing
 * was said: it is told as what such a thing usually has, in the language of the request.
 */
#include "cli/explain.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { WORDS_BYTES = 160 };

struct language {
    const char *lang;
    const char *before, *behind; /* the label of the thing: what it usually has */
    const char *general, *given;
};
static const struct language languages[] = {
    { "en", "usual for ", "", "the request names nothing", "the name that was given" },
    { "ko", "", "에는 보통 있는 것", "요청에 정해진 것이 없음", "지정한 이름" },
};

static const struct language *language_of(const json_t *output)
{
    const char *lang = tdh_json_str(json_object_get(output, "project"), "lang", "en");

    return &languages[strcmp(lang, languages[1].lang) == 0];
}

/* English: "an order", "a book". */
static void with_article(const char *label, char ret_text[WORDS_BYTES])
{
    bool is_vowel = strchr("AEIOaeio", label[0]) != NULL && label[0] != '\0';

    snprintf(ret_text, WORDS_BYTES, "%s %c%.100s", is_vowel ? "an" : "a",
             tolower((unsigned char)label[0]), label[0] != '\0' ? label + 1 : "");
}

static bool is_frame(const char *from)
{
    return strncmp(from, "frame:", strlen("frame:")) == 0;
}

/* What stands behind "from": the words in quotes, or what they stand for. */
static void print_source(const struct language *language, const char *from, const char *label)
{
    char words[WORDS_BYTES];

    if (!is_frame(from)) {
        printf("from \"%s\"\n", from);
        return;
    }
    if (language == &languages[0])
        with_article(label, words);
    else
        snprintf(words, sizeof(words), "%.100s", label);
    printf("%s%s%s\n", language->before, words, language->behind);
}

static void print_entity(const struct language *language, const json_t *entity)
{
    const char *label = tdh_json_str(entity, "label", "");
    const char *from = tdh_json_str(entity, "from", "");
    json_t *field;
    size_t i;

    printf("  %-24s ", tdh_json_str(entity, "name", ""));
    if (is_frame(from))
        printf("%s\n", language->general);
    else
        print_source(language, from, label);
    json_array_foreach (json_object_get(entity, "fields"), i, field) {
        printf("    %-24s %-9s ", tdh_json_str(field, "name", ""), tdh_json_str(field, "type", ""));
        print_source(language, tdh_json_str(field, "from", ""), label);
    }
}

static void print_all(const json_t *list, const char *title, const char *key)
{
    json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        printf("  %s %-*s from \"%s\"\n", title, 24 - (int)strlen(title) - 1,
               tdh_json_str(item, key, ""), tdh_json_str(item, "from", ""));
}

static void print_title(const struct language *language, const json_t *output)
{
    const json_t *title = json_object_get(output, "title");
    const char *text = tdh_json_str(title, "text", NULL);
    const char *from = tdh_json_str(title, "from", "");

    if (text == NULL)
        return;
    printf("title     %s, ", text);
    if (from[0] != '\0')
        printf("from \"%s\"\n", from);
    else
        printf("%s\n", language->given);
}

static void print_layout(const json_t *output)
{
    const json_t *layout = json_object_get(output, "layout");
    const char *name = tdh_json_str(layout, "name", NULL);
    json_t *reason;
    size_t i;

    if (name == NULL)
        return;
    printf("layout    %s", name);
    json_array_foreach (json_object_get(layout, "reasons"), i, reason)
        printf("%s %s", i > 0 ? ";" : ":", json_string_value(reason));
    putchar('\n');
}

void tdh_explain(const json_t *output)
{
    const struct language *language = language_of(output);
    const json_t *model = json_object_get(output, "model");
    json_t *entity;
    size_t i;

    print_title(language, output);
    print_layout(output);
    json_array_foreach (json_object_get(model, "entities"), i, entity)
        print_entity(language, entity);
    print_all(json_object_get(model, "features"), "feature", "name");
    print_all(json_object_get(model, "not_built"), "not built", "wish");
}
