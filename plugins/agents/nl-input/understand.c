/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand: puts the understanding together. What each part means is in the file of that part.
 */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The domain the title is in, else the one most of the request's nouns are in. */
static const struct lang_frame *find_domain(const struct nl_reading *reading,
                                            const struct nl_title *title, double *ret_score)
{
    const struct lang_lexicon *lexicon = reading->rules->lexicon;
    struct lang_frame_match match;

    *ret_score = 0;
    if (title->count > 0 &&
        lang_frame_in(lexicon, &reading->tokens, title->first, title->count, &match)) {
        *ret_score = match.is_head ? 0.9 : 0.8;
        return match.frame;
    }
    for (size_t i = 0; i < reading->tokens.count; i++)
        if (lang_frame_in(lexicon, &reading->tokens, i, 1, &match) &&
            (match.frame->is_thing || !match.is_named)) {
            *ret_score = 0.5;
            return match.frame;
        }
    return NULL;
}

static bool is_reserved(const struct nl_rules *rules, const char *name)
{
    size_t i;
    json_t *word;

    json_array_foreach (json_object_get(rules->file, "reserved"), i, word) {
        if (strcmp(json_string_value(word), name) == 0)
            return true;
    }
    return false;
}

/* Cuts at a word's end where there is one. */
static void cut_name(char *name, size_t most)
{
    size_t at = most;

    if (strlen(name) <= most)
        return;
    while (at > 0 && name[at] != '-')
        at--;
    name[at > 0 ? at : most] = '\0';
}

/* Always [a-z][a-z0-9-]*: it becomes a folder's name. */
static void make_name(const struct nl_rules *rules, struct lang_span words, size_t most,
                      char ret_name[LANG_NAME])
{
    char plain[LANG_NAME];

    lang_identifier(rules->lexicon, words, '-', plain);
    cut_name(plain, most);
    if (plain[0] == '\0')
        memcpy(ret_name, "app", 4);
    else if (isdigit((unsigned char)plain[0]) || is_reserved(rules, plain)) {
        cut_name(plain, most - 4);
        memcpy(ret_name, "app-", 4);
        memcpy(ret_name + 4, plain, strlen(plain) + 1);
    } else
        memcpy(ret_name, plain, strlen(plain) + 1);
}

static json_t *pack_domain(const struct nl_reading *reading, const struct nl_title *title)
{
    double score;
    const struct lang_frame *frame = find_domain(reading, title, &score);

    return json_pack("{s:s, s:f}", "name", frame != NULL ? frame->domain : "general", "score",
                     score);
}

static json_t *pack(struct nl_reading *reading, const struct nl_request *request)
{
    json_t *constraints =
        nl_constraints(reading); /* first: marks the words of features, which name no app */
    struct nl_title title = nl_title_of(reading);
    struct nl_title bare = nl_bare_title(reading, &title);
    char *title_text = nl_title_text(reading, &title);
    char *bare_text = nl_title_text(reading, &bare);
    char name[LANG_NAME];
    json_t *understanding;

    if (title_text == NULL || bare_text == NULL || constraints == NULL) {
        json_decref(constraints);
        free(title_text);
        free(bare_text);
        return NULL;
    }
    make_name(reading->rules, lang_span_of(request->name != NULL ? request->name : bare_text),
              request->name_length, name);
    understanding = json_pack("{s:s%, s:s%, s:s, s:s, s:o, s:{s:s, s:s%}, s:s, s:o, s:o}",
                              "request", request->text, request->length, "text", reading->text,
                              reading->length, "lang", reading->lang, "intent", nl_intent(reading),
                              "domain", pack_domain(reading, &title), "title", "text", title_text,
                              "from", title.from.at, title.from.length, "name", name, "constraints",
                              constraints, "clauses", nl_clauses(reading));
    free(title_text);
    free(bare_text);
    return understanding;
}

static int check_lang(const char *lang, struct td_err *err)
{
    if (lang == NULL || strcmp(lang, "en") == 0 || strcmp(lang, "ko") == 0)
        return 0;
    td_fail(err, TD_E_INVAL, "language \"%s\" is not one of \"en\", \"ko\"", lang);
    td_hint(err, "leave \"lang\" out to have the language found from the words");
    return -1;
}

int nl_understand(const struct nl_rules *rules, const struct nl_request *request,
                  json_t **ret_understanding, struct td_err *err)
{
    struct nl_reading reading = { .rules = rules };
    char *text = NULL;
    json_t *understanding;

    if (check_lang(request->lang, err) != 0 || nl_check(request, err) != 0 ||
        lang_normalise(request->text, request->length, &text, err) != 0)
        return -1;
    reading.text = text;
    reading.length = strlen(text);
    if (lang_tokenise(rules->lexicon, text, reading.length, &reading.tokens, err) != 0) {
        free(text);
        return -1;
    }
    reading.lang = request->lang != NULL ? request->lang : nl_language(&reading.tokens);
    understanding = pack(&reading, request);
    lang_tokens_free(&reading.tokens);
    free(text);
    if (understanding == NULL)
        return td_fail(err, TD_E_NOMEM,
                       "could not allocate the understanding of a request of %zu bytes",
                       request->length);
    *ret_understanding = understanding;
    return 0;
}
