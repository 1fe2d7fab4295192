/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story: one user story for each entity, relation and feature, by the templates of stories.json.
 *
 * A template has {label}, {lower}, {plural} and {target}; "{label:을/를}" adds the particle that
 * fits the word's end.
 */
#include "model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct words {
    const char *label, *plural, *target;
};

static const char *word_named(const struct words *words, const char *name, size_t length)
{
    if (length == 5 && memcmp(name, "label", 5) == 0)
        return words->label;
    if (length == 5 && memcmp(name, "lower", 5) == 0)
        return words->label;
    if (length == 6 && memcmp(name, "plural", 6) == 0)
        return words->plural;
    return words->target;
}

/* Inside an English sentence a noun has no capital, unless it is all capitals. */
static void add_noun(struct lang_buf *out, const char *word)
{
    if (isupper((unsigned char)word[0]) && !isupper((unsigned char)word[1])) {
        lang_buf_add(out, (char[]){ (char)tolower((unsigned char)word[0]) }, 1);
        word++;
    }
    lang_buf_add_text(out, word);
}

static void fill(struct lang_buf *out, const char *template, const struct words *words)
{
    while (*template != '\0') {
        const char *close = *template == '{' ? strchr(template, '}') : NULL;
        const char *colon;
        const char *word;

        if (close == NULL) {
            lang_buf_add(out, template ++, 1);
            continue;
        }
        colon = memchr(template, ':', (size_t)(close - template));
        word = word_named(words, template + 1,
                          (size_t)((colon != NULL ? colon : close) - template - 1));
        add_noun(out, word);
        if (colon != NULL)
            lang_add_particle(out, lang_span_of(word),
                              (struct lang_span){ colon + 1, (size_t)(close - colon - 1) });
        template = close + 1;
    }
}

static json_t *fill_new(const json_t *template, const struct words *words)
{
    struct lang_buf out = { 0 };
    json_t *string;

    fill(&out, json_string_value(template) != NULL ? json_string_value(template) : "", words);
    string = out.is_failed ? NULL : json_stringn(out.data != NULL ? out.data : "", out.length);
    lang_buf_free(&out);
    return string;
}

static int add_story(json_t *stories, const json_t *language, const json_t *template,
                     const struct words *words)
{
    if (template == NULL)
        return 0;
    return json_array_append_new(
        stories,
        json_pack("{s:s, s:o, s:o}", "as", json_string_value(json_object_get(language, "as")),
                  "want", fill_new(json_object_get(template, "want"), words), "so",
                  fill_new(json_object_get(template, "so"), words)));
}

/* The words of one entity; both labels are references the caller drops. */
static int add_entity_story(const struct pa_model *model, json_t *stories, const json_t *language,
                            const json_t *template, size_t entity, size_t target)
{
    json_t *label = pa_emit_singular_label(model, &model->entities[entity]);
    json_t *plural = pa_emit_plural_label(model, &model->entities[entity]);
    json_t *other = pa_emit_singular_label(model, &model->entities[target]);
    struct words words = { json_string_value(label), json_string_value(plural),
                           json_string_value(other) };
    int rc = -1;

    if (words.label != NULL && words.plural != NULL && words.target != NULL)
        rc = add_story(stories, language, template, &words);
    json_decref(label);
    json_decref(plural);
    json_decref(other);
    return rc;
}

static int add_all(const struct pa_model *model, json_t *stories, const json_t *language)
{
    const json_t *features = json_object_get(language, "features");
    int rc = 0;

    for (size_t i = 0; i < model->entity_count && rc == 0; i++)
        rc = add_entity_story(model, stories, language, json_object_get(language, "entity"), i, i);
    for (size_t i = 0; i < model->relation_count && rc == 0; i++)
        rc = add_entity_story(model, stories, language, json_object_get(language, "relation"),
                              model->relations[i].from, model->relations[i].to);
    for (size_t i = 0; i < model->feature_count && rc == 0; i++)
        rc = add_entity_story(model, stories, language,
                              json_object_get(features, model->features[i].name), model->main,
                              model->main);
    return rc;
}

json_t *pa_stories(const struct pa_model *model)
{
    json_t *stories = json_array();

    if (stories == NULL ||
        add_all(model, stories,
                json_object_get(model->reading->rules->stories_file, model->reading->lang)) == 0)
        return stories;
    json_decref(stories);
    return NULL;
}
