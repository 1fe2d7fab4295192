/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase: finds the phrases of features.json in a text, and which of them the text wishes away.
 *
 * English phrases are compared by singulars, Korean ones without blanks, so that "다크모드" is
 * "다크 모드". A "no" reaches the phrase after it and what "or" joins to that; "without" also what
 * "and" joins; "없이" the phrase before it and what "와" joins to that.
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "features.json"
#define KOREAN_TOKENS 6
#define PHRASE_TOKENS 12 /* of the longest phrase in any list, with its hyphens */

static int add_phrase(struct lang_lexicon *lexicon, const char *text,
                      const struct lang_phrase *phrase, struct td_err *err)
{
    char key[LANG_KEY];
    size_t length = lang_key_of(lexicon, text, key);
    const char *kept;

    if (length == 0)
        return td_fail(err, TD_E_CONFIG,
                       "%s: phrase \"%s\" of \"%s\" is empty or longer than %d bytes", FILE_NAME,
                       text, phrase->name, LANG_KEY - 1);
    kept = lang_keep(lexicon, key, length);
    if (kept == NULL || lang_map_set(&lexicon->phrases, kept, length, phrase) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the phrase lists");
    return 0;
}

static int add_phrases(struct lang_lexicon *lexicon, const json_t *row, const char *language,
                       const struct lang_phrase *phrase, struct td_err *err)
{
    json_t *list = json_object_get(row, language);
    size_t i;
    json_t *text;

    if (lang_data_check_texts(list, FILE_NAME, phrase->name, err) != 0)
        return -1;
    json_array_foreach (list, i, text) {
        if (add_phrase(lexicon, json_string_value(text), phrase, err) != 0)
            return -1;
    }
    return 0;
}

static int add_group(struct lang_lexicon *lexicon, const char *key, enum lang_phrase_kind kind,
                     struct td_err *err)
{
    json_t *rows = json_object_get(lexicon->phrase_rows, key);
    const char *name;
    json_t *row;

    json_object_foreach (rows, name, row) {
        struct lang_phrase *phrase = &lexicon->phrase_list[lexicon->phrase_count++];

        *phrase = (struct lang_phrase){ kind, name, json_object_get(row, "both"),
                                        json_is_true(json_object_get(row, "attribute")) };
        if (add_phrases(lexicon, row, "en", phrase, err) != 0 ||
            add_phrases(lexicon, row, "ko", phrase, err) != 0)
            return -1;
    }
    return 0;
}

int lang_phrases_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    static const char *const groups[] = { "features", "wishes", "guards", "looks" };
    size_t count = 0;

    for (size_t i = 0; i < 4; i++) {
        json_t *rows =
            lang_data_member(lexicon->phrase_rows, FILE_NAME, groups[i], JSON_OBJECT, err);

        if (rows == NULL)
            return -1;
        count += json_object_size(rows);
    }
    lexicon->phrase_list = calloc(count + 1, sizeof(*lexicon->phrase_list));
    if (lexicon->phrase_list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the phrase lists");
    for (size_t i = 0; i < 4; i++)
        if (add_group(lexicon, groups[i], (enum lang_phrase_kind)(i + 1), err) != 0)
            return -1;
    return 0;
}

/* ---- finding ---- */

/* A key that grows word by word. */
struct key {
    char text[LANG_KEY];
    size_t length;
};

static bool add_to_key(struct key *key, const char *word, size_t length, bool with_blank)
{
    bool blank = with_blank && key->length > 0;

    if (key->length + length + blank + 1 > sizeof(key->text))
        return false;
    if (blank)
        key->text[key->length++] = ' ';
    memcpy(key->text + key->length, word, length);
    key->length += length;
    return true;
}

/* A hyphen or slash between two words, as in "to-do" and "import/export", belongs to neither. */
static bool is_hyphen(const struct lang_tokens *tokens, size_t at)
{
    return at > 0 && at + 1 < tokens->count && tokens->all[at].kind == LANG_PUNCT &&
           (tokens->all[at].punct == '-' || tokens->all[at].punct == '/') &&
           tokens->all[at].is_glued && tokens->all[at + 1].is_glued;
}

static const void *find_english(const struct lang_map *map, const struct lang_tokens *tokens,
                                size_t first, size_t end, size_t *ret_count)
{
    struct key key = { .length = 0 };
    const void *best = NULL;

    for (size_t at = first; at < end && at < first + PHRASE_TOKENS; at++) {
        const struct lang_token *token = &tokens->all[at];
        const void *found;

        if (is_hyphen(tokens, at))
            continue;
        if (token->kind == LANG_PUNCT ||
            !add_to_key(&key, token->lemma, strlen(token->lemma), true))
            break;
        found = lang_map_get(map, key.text, key.length);
        if (found != NULL) {
            best = found;
            *ret_count = at - first + 1;
        }
    }
    return best;
}

/* Whether what follows a phrase inside one word lets the phrase stand: a particle, an ending,
 * "기능". */
static bool is_tail(const struct lang_lexicon *lexicon, const char *rest, size_t length)
{
    for (size_t i = 0; i < lexicon->particle_count; i++)
        if (lexicon->particles[i].text.length == length &&
            memcmp(lexicon->particles[i].text.at, rest, length) == 0)
            return true;
    for (size_t n = length < LANG_KEY ? length : LANG_KEY; n > 0; n--)
        if (lang_map_get(&lexicon->tails, rest, n) != NULL)
            return true;
    return length == 0;
}

/* The longest beginning of a word that makes, behind the key so far, a phrase; its length in bytes
 * or 0. */
static size_t find_in_word(const struct lang_lexicon *lexicon, const struct lang_map *map,
                           const struct key *before, const struct lang_token *token,
                           const void **ret_found)
{
    for (size_t n = token->length < LANG_KEY ? token->length : LANG_KEY; n > 0; n--) {
        struct key key = *before;

        if (n < token->length && ((unsigned char)token->text[n] & 0xC0U) == 0x80U)
            continue;
        if (!add_to_key(&key, token->text, n, false))
            continue;
        *ret_found = lang_map_get(map, key.text, key.length);
        if (*ret_found != NULL && is_tail(lexicon, token->text + n, token->length - n))
            return n;
    }
    return 0;
}

static const void *find_korean(const struct lang_lexicon *lexicon, const struct lang_map *map,
                               const struct lang_tokens *tokens, size_t first, size_t end,
                               size_t *ret_count)
{
    struct key key = { .length = 0 };
    const void *best = NULL;

    for (size_t at = first; at < end && at < first + KOREAN_TOKENS; at++) {
        const struct lang_token *token = &tokens->all[at];
        const void *found;

        if (is_hyphen(tokens, at))
            continue;
        if (token->kind == LANG_PUNCT)
            break;
        if (find_in_word(lexicon, map, &key, token, &found) > 0) {
            best = found;
            *ret_count = at - first + 1;
        }
        if (!add_to_key(&key, token->text, token->length, false))
            break;
    }
    return best;
}

/* A Korean phrase may begin with a Latin word ("CSV 가져오기"), not be all Latin. */
static bool has_hangul(const struct lang_tokens *tokens, size_t first, size_t end)
{
    for (size_t at = first; at < end && at < first + KOREAN_TOKENS; at++)
        if (tokens->all[at].is_hangul)
            return true;
    return false;
}

const void *lang_find(const struct lang_lexicon *lexicon, const struct lang_map *map,
                      const struct lang_tokens *tokens, size_t first, size_t end, size_t *ret_count)
{
    size_t count = 0;
    size_t count_ko = 0;
    const void *english = find_english(map, tokens, first, end, &count);
    const void *korean = has_hangul(tokens, first, end)
                             ? find_korean(lexicon, map, tokens, first, end, &count_ko)
                             : NULL;
    bool is_korean = korean != NULL && (english == NULL || count_ko > count);

    *ret_count = is_korean ? count_ko : count;
    return is_korean ? korean : english;
}

bool lang_phrase_at(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                    size_t first, struct lang_match *ret_match)
{
    size_t count;
    const struct lang_phrase *phrase =
        lang_find(lexicon, &lexicon->phrases, tokens, first, tokens->count, &count);

    *ret_match = (struct lang_match){ phrase, first, count, false };
    return phrase != NULL;
}
