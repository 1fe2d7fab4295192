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
    *ret_score = reading->name_frame != NULL ? 0.4 : 0;
    return reading->name_frame;
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

/* What the app is called, and what its folder is made of. */
struct called {
    char *title, *name; /* owned */
    struct lang_span from;
};

/* The name that the request gives, else the one it was given, else what it is about. */
static bool call(const struct nl_reading *reading, const struct nl_request *request,
                 const struct nl_title *about, struct called *ret_called)
{
    struct nl_title bare = nl_bare_title(reading, about);
    struct lang_span given = lang_span_of(request->name);

    *ret_called = (struct called){ .from = reading->is_named ? reading->own_name : about->from };
    if (reading->is_named)
        ret_called->title = reading->is_quoted
                                ? strndup(reading->own_name.at, reading->own_name.length)
                                : nl_own_title(reading->own_name);
    else if (request->name != NULL) {
        ret_called->title = nl_own_title(given);
        ret_called->from.length = 0;
    } else
        ret_called->title = nl_title_text(reading, about);
    if (request->name != NULL)
        ret_called->name = strdup(request->name);
    else
        ret_called->name = reading->is_named && ret_called->title != NULL
                               ? strdup(ret_called->title)
                               : nl_title_text(reading, &bare);
    return ret_called->title != NULL && ret_called->name != NULL;
}

static json_t *pack(struct nl_reading *reading, const struct nl_request *request, json_t *clauses)
{
    json_t *constraints =
        nl_constraints(reading); /* first: marks the words of features, which name no app */
    struct nl_title about = nl_title_of(reading);
    struct called called;
    char name[LANG_NAME];
    json_t *understanding = NULL;

    if (!call(reading, request, &about, &called) || constraints == NULL || clauses == NULL) {
        json_decref(constraints);
        json_decref(clauses);
    } else {
        make_name(reading->rules, lang_span_of(called.name), request->name_length, name);
        understanding = json_pack(
            "{s:s%, s:s%, s:s, s:s, s:o, s:{s:s, s:s%}, s:s, s:o, s:o}", "request", request->text,
            request->length, "text", reading->text, reading->length, "lang", reading->lang,
            "intent", nl_intent(reading), "domain", pack_domain(reading, &about), "title", "text",
            called.title, "from", called.from.at, called.from.length, "name", name, "constraints",
            constraints, "clauses", clauses);
    }
    free(called.title);
    free(called.name);
    return understanding;
}

/* What names the app says nothing of what it is for. */
static void take_name(struct nl_reading *reading)
{
    struct lang_naming naming;
    struct lang_frame_match match;

    reading->is_named =
        lang_find_naming(reading->rules->lexicon, &reading->tokens,
                         (struct lang_span){ reading->text, reading->length }, &naming);
    if (!reading->is_named)
        return;
    reading->own_name = naming.name;
    reading->is_quoted = naming.is_quoted;
    if (lang_frame_in(reading->rules->lexicon, &reading->tokens, naming.first, naming.count,
                      &match))
        reading->name_frame = match.frame;
    lang_cut_naming(&reading->tokens, &naming);
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
    json_t *clauses;
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
    clauses = nl_clauses(&reading);
    take_name(&reading);
    understanding = pack(&reading, request, clauses);
    lang_tokens_free(&reading.tokens);
    free(text);
    if (understanding == NULL)
        return td_fail(err, TD_E_NOMEM,
                       "could not allocate the understanding of a request of %zu bytes",
                       request->length);
    *ret_understanding = understanding;
    return 0;
}
