/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recommend: weighs patterns against a wish, in whole numbers, so that all machines agree.
 *
 * A score is of 100 points. Traits that are asked for share theirs equally. Words share theirs by
 * weight: a word that one pattern has weighs more than one that many have, one that none has
 * nothing at all. A word among a pattern's name, tags, category and `words` counts in full, in its
 * description and use cases half.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "pattern/pattern.h"
#include "pattern/words.h"

enum { ALL_POINTS = 100000 /* thousandths of a point */, FULL_HIT = 2, WEIGHT_MAX = 240000 };

/* --- what is wanted --- */

static int fail_near(const char *what, const char *text, const char *const *names, size_t count,
                     struct td_err *err)
{
    const char *near = tdh_near(text, names, count);
    struct tdh_buf all = { 0 };

    for (size_t i = 0; i < count; i++)
        tdh_buf_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    td_fail(err, TD_E_INVAL, "%s \"%.64s\" is none of %s%s%s%s", what, text,
            all.failed ? "those there are" : all.data, near != NULL ? ", did you mean \"" : "",
            near != NULL ? near : "", near != NULL ? "\"" : "");
    tdh_buf_free(&all);
    return -1;
}

static int find_name(const char *what, const char *text, const char *const *names, size_t count,
                     size_t *ret_at, struct td_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret_at = i;
            return 0;
        }
    }
    return fail_near(what, text, names, count, err);
}

int tdh_wish_add(struct tdh_wish *wish, const char *text, struct td_err *err)
{
    const char *equals = strchr(text, '='), *names[TDH_TRAIT_COUNT];
    size_t trait = 0, word = 0, count = 0;
    char name[64], what[96];

    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof(name))
        return td_fail(err, TD_E_INVAL, "trait \"%.80s\" is not of the form name=word", text);
    snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
    for (size_t i = 0; i < TDH_TRAIT_COUNT; i++)
        names[i] = tdh_traits[i].name;
    if (find_name("trait", name, names, TDH_TRAIT_COUNT, &trait, err) != 0)
        return -1;
    while (tdh_traits[trait].words[count] != NULL)
        count++;
    snprintf(what, sizeof(what), "trait %s:", name);
    if (find_name(what, equals + 1, tdh_traits[trait].words, count, &word, err) != 0)
        return -1;
    wish->traits[trait] |= 1u << word;
    return 0;
}

/* --- words --- */

static int hit_text(const struct tdh_word *word, const char *text, int hit)
{
    struct tdh_word own;

    while (text != NULL && tdh_word_next(&text, &own))
        if (tdh_word_is(word, &own))
            return hit;
    return 0;
}

static int hit_list(const struct tdh_word *word, const json_t *list, int hit)
{
    const json_t *item;
    size_t i;

    json_array_foreach (list, i, item)
        if (hit_text(word, json_string_value(item), hit) != 0)
            return hit;
    return 0;
}

/* FULL_HIT, half of it, or 0. */
static int hit_pattern(const struct tdh_word *word, const struct tdh_manifest *pattern)
{
    const struct tdh_catalogue *catalogue = pattern->catalogue;
    const json_t *tags = json_object_get(pattern->yaml->root, "tags");

    if (hit_text(word, pattern->name, FULL_HIT) != 0 || hit_list(word, tags, FULL_HIT) != 0 ||
        hit_text(word, catalogue->category, FULL_HIT) != 0 ||
        hit_list(word, catalogue->words, FULL_HIT) != 0)
        return FULL_HIT;
    if (hit_text(word, pattern->description, FULL_HIT / 2) != 0 ||
        hit_text(word, catalogue->use_when, FULL_HIT / 2) != 0)
        return FULL_HIT / 2;
    return hit_list(word, catalogue->use_cases, FULL_HIT / 2);
}

/* All that is weighed. */
struct scale {
    const struct tdh_manifest *const *patterns;
    size_t count;
    const struct tdh_wish *wish;
    struct tdh_word words[TDH_WISH_WORDS];
    size_t word_count;
    signed char *hits; /* word_count rows of `count` */
    int64_t weights[TDH_WISH_WORDS], weight;
    size_t trait_count;
    int64_t words_points, traits_points; /* what each kind is worth as a whole */
};

static int add_word(struct scale *scale, const struct tdh_word *word, struct td_err *err)
{
    for (size_t i = 0; i < scale->word_count; i++)
        if (strcmp(scale->words[i].stem, word->stem) == 0)
            return 0;
    if (scale->word_count == TDH_WISH_WORDS)
        return td_fail(err, TD_E_INVAL, "the sentence has more than %d words", TDH_WISH_WORDS);
    scale->words[scale->word_count++] = *word;
    return 0;
}

static int read_sentence(struct scale *scale, struct td_err *err)
{
    const char *at = scale->wish->sentence;
    struct tdh_word word;

    if (at == NULL)
        return 0;
    if (strlen(at) > TDH_WISH_BYTES)
        return td_fail(err, TD_E_INVAL, "the sentence is %zu bytes long, the most is %d",
                       strlen(at), TDH_WISH_BYTES);
    while (tdh_word_next(&at, &word))
        if (add_word(scale, &word, err) != 0)
            return -1;
    return 0;
}

static void weigh_words(struct scale *scale)
{
    for (size_t w = 0; w < scale->word_count; w++) {
        signed char *row = scale->hits + w * scale->count;
        int64_t total = 0;

        for (size_t i = 0; i < scale->count; i++) {
            if (scale->patterns[i]->catalogue != NULL)
                row[i] = (signed char)hit_pattern(&scale->words[w], scale->patterns[i]);
            total += row[i];
        }
        if (total > 0)
            scale->weights[w] = total < WEIGHT_MAX ? WEIGHT_MAX / total : 1;
        scale->weight += scale->weights[w];
    }
}

/* A sentence of which no word is known weighs nothing beside traits. */
static int prepare(struct scale *scale, struct td_err *err)
{
    for (size_t i = 0; i < TDH_TRAIT_COUNT; i++)
        scale->trait_count += scale->wish->traits[i] != 0;
    if (read_sentence(scale, err) != 0)
        return -1;
    if (scale->word_count == 0 && scale->trait_count == 0)
        return td_fail(err, TD_E_INVAL,
                       scale->wish->sentence != NULL
                           ? "the sentence has no word that tells what is wanted"
                           : "nothing is asked for: give a sentence, or traits");
    scale->hits = calloc(scale->word_count * scale->count + 1, 1);
    if (scale->hits == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the weights of patterns");
    weigh_words(scale);
    scale->traits_points = scale->trait_count == 0 ? 0
                           : scale->weight == 0    ? ALL_POINTS
                                                   : ALL_POINTS / 2;
    scale->words_points = ALL_POINTS - scale->traits_points;
    return 0;
}

/* --- one pattern --- */

/* One that is weighed. */
struct result {
    const struct tdh_manifest *pattern;
    int64_t points;
    json_t *reasons, *lost;
};

static int whole_points(int64_t points)
{
    return (int)((points + 500) / 1000);
}

static void lose(struct result *result, int64_t points, const char *reason)
{
    if (points > 0)
        json_array_append_new(result->lost, json_pack("{s:s, s:i}", "reason", reason, "points",
                                                      whole_points(points)));
}

/* How well the word `has` is `wanted`, of 2. */
static int fit_word(enum tdh_trait_scale scale, int has, int wanted)
{
    if (has == wanted || (scale == TDH_SCALE_AT_MOST && has < wanted))
        return 2;
    return scale != TDH_SCALE_NONE && abs(has - wanted) == 1 ? 1 : 0;
}

static int fit_trait(enum tdh_trait trait, unsigned has, unsigned wanted)
{
    int best = 0;

    for (int i = 0; i < TDH_TRAIT_WORDS; i++)
        for (int k = 0; k < TDH_TRAIT_WORDS; k++)
            if ((has & 1u << i) != 0 && (wanted & 1u << k) != 0 &&
                fit_word(tdh_traits[trait].scale, i, k) > best)
                best = fit_word(tdh_traits[trait].scale, i, k);
    return best;
}

static void weigh_trait(const struct scale *scale, enum tdh_trait trait, struct result *result)
{
    const struct tdh_catalogue *catalogue = result->pattern->catalogue;
    int64_t points = scale->traits_points / (int64_t)scale->trait_count;
    int fit = fit_trait(trait, catalogue->traits[trait], scale->wish->traits[trait]);
    struct tdh_catalogue wanted = { 0 };
    char has[64], wants[64], text[192];

    wanted.traits[trait] = scale->wish->traits[trait];
    tdh_trait_print(catalogue, trait, has);
    tdh_trait_print(&wanted, trait, wants);
    result->points += points * fit / 2;
    if (fit == 2) {
        snprintf(text, sizeof(text), "%s is %s", tdh_traits[trait].name, has);
        json_array_append_new(result->reasons, json_string(text));
        return;
    }
    snprintf(text, sizeof(text), "%s is %s, not %s", tdh_traits[trait].name,
             has[0] != '\0' ? has : "not told", wants);
    lose(result, points - points * fit / 2, text);
}

/* The known words of a sentence, by how well a pattern knows them: not, half, in full. */
struct heard {
    struct tdh_buf names[FULL_HIT + 1];
    int64_t points[FULL_HIT + 1]; /* what they are worth */
};

static void hear(const struct scale *scale, size_t at, struct heard *heard)
{
    for (size_t w = 0; w < scale->word_count; w++) {
        int hit = scale->hits[w * scale->count + at];
        struct tdh_buf *names = &heard->names[hit];

        if (scale->weights[w] == 0)
            continue;
        heard->points[hit] += scale->words_points * scale->weights[w] / scale->weight;
        tdh_buf_printf(names, "%s%s", names->length > 0 ? ", " : "", scale->words[w].text);
    }
}

static void weigh_sentence(const struct scale *scale, size_t at, struct result *result)
{
    static const char *const gains[] = { NULL, "its description says: ", "it is for: " };
    static const char *const losses[] = { "it is not for: ", "only its description says: ", NULL };
    struct heard heard = { 0 };

    hear(scale, at, &heard);
    for (int hit = FULL_HIT; hit >= 0; hit--) {
        int64_t gained = heard.points[hit] * hit / FULL_HIT;
        char text[TDH_WISH_BYTES + 256];

        if (heard.names[hit].length == 0)
            continue;
        result->points += gained;
        snprintf(text, sizeof(text), "%s%s", gained > 0 ? gains[hit] : losses[hit],
                 heard.names[hit].data);
        if (gained > 0)
            json_array_append_new(result->reasons, json_string(text));
        if (hit == FULL_HIT)
            continue;
        snprintf(text, sizeof(text), "%s%s", losses[hit], heard.names[hit].data);
        lose(result, heard.points[hit] - gained, text);
    }
    for (int hit = 0; hit <= FULL_HIT; hit++)
        tdh_buf_free(&heard.names[hit]);
}

static void weigh_pattern(const struct scale *scale, size_t at, struct result *result)
{
    *result = (struct result){ .pattern = scale->patterns[at],
                               .reasons = json_array(),
                               .lost = json_array() };
    if (scale->weight > 0)
        weigh_sentence(scale, at, result);
    for (int i = 0; i < TDH_TRAIT_COUNT; i++)
        if (scale->wish->traits[i] != 0)
            weigh_trait(scale, (enum tdh_trait)i, result);
}

/* --- all of them --- */

static int compare(const void *left, const void *right)
{
    const struct result *a = left, *b = right;
    unsigned a_complex = a->pattern->catalogue->traits[TDH_TRAIT_COMPLEXITY],
             b_complex = b->pattern->catalogue->traits[TDH_TRAIT_COMPLEXITY];

    if (a->points != b->points)
        return a->points < b->points ? 1 : -1;
    if (a_complex != b_complex)
        return a_complex > b_complex ? 1 : -1;
    return strcmp(a->pattern->name, b->pattern->name);
}

static json_t *describe(const struct result *result)
{
    json_t *row = tdh_pattern_describe(result->pattern), *out;

    out = json_pack(
        "{s:s, s:i, s:b, s:s, s:O?, s:O?, s:O?, s:O, s:O}", "pattern", result->pattern->name,
        "score", whole_points(result->points), "fits", result->points > TDH_WISH_FITS * 1000,
        "description", result->pattern->description != NULL ? result->pattern->description : "",
        "use_when", json_object_get(row, "use_when"), "avoid_when",
        json_object_get(row, "avoid_when"), "complexity", json_object_get(row, "complexity"), "for",
        result->reasons, "lost", result->lost);
    if (out != NULL && json_object_get(row, "example") != NULL)
        json_object_set(out, "example", json_object_get(row, "example"));
    json_decref(row);
    return out;
}

static json_t *list_words(const struct scale *scale, bool is_known)
{
    json_t *list = json_array();

    for (size_t w = 0; w < scale->word_count; w++)
        if ((scale->weights[w] > 0) == is_known)
            json_array_append_new(list, json_string(scale->words[w].text));
    return list;
}

static json_t *weigh_all(const struct scale *scale, struct result *results, struct td_err *err)
{
    json_t *rows = json_array(), *answer = NULL;
    size_t count = 0;
    bool failed = false;

    for (size_t i = 0; i < scale->count; i++)
        if (scale->patterns[i]->catalogue != NULL)
            weigh_pattern(scale, i, &results[count++]);
    qsort(results, count, sizeof(*results), compare);
    for (size_t i = 0; i < count && !failed; i++)
        if (results[i].points > 0)
            failed = json_array_append_new(rows, describe(&results[i])) != 0;
    for (size_t i = 0; i < count; i++) {
        json_decref(results[i].reasons);
        json_decref(results[i].lost);
    }
    if (!failed)
        answer = json_pack("{s:o, s:o, s:O}", "words", list_words(scale, true), "unknown",
                           list_words(scale, false), "patterns", rows);
    json_decref(rows);
    if (answer == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate recommendations");
    return answer;
}

json_t *tdh_pattern_recommend(const struct tdh_manifest *const *patterns, size_t count,
                              const struct tdh_wish *wish, struct td_err *err)
{
    struct scale *scale = calloc(1, sizeof(*scale));
    struct result *results = calloc(count + 1, sizeof(*results));
    json_t *answer = NULL;

    if (scale == NULL || results == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the weights of patterns");
        goto out;
    }
    scale->patterns = patterns;
    scale->count = count;
    scale->wish = wish;
    if (prepare(scale, err) == 0)
        answer = weigh_all(scale, results, err);
    free(scale->hits);
out:
    free(results);
    free(scale);
    return answer;
}
