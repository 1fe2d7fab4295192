/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading: takes a request into sentences, gives each to the grammar of its script, and reads what
 * both languages write alike: parentheses, ranges, units.
 */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

const struct lang_token *pa_token(const struct pa_reading *reading, size_t at)
{
    static const struct lang_token past_the_end = { .kind = LANG_PUNCT, .text = "", .lemma = "" };

    return at < reading->tokens.count ? &reading->tokens.all[at] : &past_the_end;
}

bool pa_is(const struct pa_reading *reading, size_t at, uint32_t tags)
{
    return (pa_token(reading, at)->tags & tags) != 0;
}

bool pa_is_mark(const struct pa_reading *reading, size_t at, char mark)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_PUNCT && token->punct == mark && mark != '\0';
}

bool pa_is_word(const struct pa_reading *reading, size_t at, const char *word)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && strcmp(token->text, word) == 0;
}

bool pa_ends_feature(const struct pa_reading *reading, size_t at)
{
    if (at == 0 || !pa_token(reading, at - 1)->is_used)
        return false;
    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first + reading->matches[i].count == at)
            return true;
    return false;
}

void pa_say_of(struct pa_reading *reading, enum pa_says says, size_t owner, size_t first,
               size_t count)
{
    if (count > 0 && reading->statement_count < reading->statement_max)
        reading->statements[reading->statement_count++] =
            (struct pa_statement){ .says = says, .owner = owner, .first = first, .count = count };
}

void pa_say(struct pa_reading *reading, enum pa_says says, size_t owner, size_t first)
{
    pa_say_of(reading, says, owner, first, reading->item_count - first);
}

void pa_ask(struct pa_reading *reading, const char *feature, struct lang_span from)
{
    if (reading->asked_count < PA_ASKED)
        reading->asked[reading->asked_count++] = (struct pa_asked){ feature, from };
}

struct pa_item *pa_new_item(struct pa_reading *reading)
{
    struct pa_item *item;

    if (reading->item_count == reading->item_max)
        return NULL;
    item = &reading->items[reading->item_count++];
    *item = (struct pa_item){ .option_first = reading->option_count };
    return item;
}

size_t pa_after_parentheses(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t depth = 0;

    for (; at < end; at++) {
        depth += pa_is_mark(reading, at, '(');
        if (pa_is_mark(reading, at, ')') && --depth == 0)
            return at + 1;
    }
    return end;
}

static bool read_number(const struct pa_reading *reading, size_t at, double *ret_number)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind != LANG_NUMBER)
        return false;
    *ret_number = strtod(token->text, NULL);
    return true;
}

/* "점", "개" behind a number of a range, with the particle it may carry ("1점에서"). */
static size_t skip_counter(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->is_hangul && token->is_glued && token->length <= 15 ? at + 1 : at;
}

static bool is_to(const struct pa_reading *reading, size_t at)
{
    return pa_is_mark(reading, at, '-') || pa_is_mark(reading, at, '~') ||
           pa_is_word(reading, at, "to") || pa_is_word(reading, at, "and") ||
           pa_is_word(reading, at, "through") || pa_is_word(reading, at, "부터") ||
           pa_is_word(reading, at, "에서");
}

static void set_range(struct pa_item *item, double min, double max)
{
    item->has_range = min < max;
    item->min = min;
    item->max = max;
}

size_t pa_read_range(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t start = at;
    double min;
    double max;

    while (at < end && (pa_is_word(reading, at, "from") || pa_is_word(reading, at, "between") ||
                        pa_is_word(reading, at, "scale") || pa_is_word(reading, at, "on") ||
                        pa_is_word(reading, at, "of") || pa_is_word(reading, at, "a") ||
                        pa_is_word(reading, at, "out")))
        at++;
    if (at >= end || !read_number(reading, at, &min))
        return start;
    if (at > start && pa_is_word(reading, at - 1, "of") &&
        pa_is_word(reading, at > start + 1 ? at - 2 : at, "out")) {
        set_range(item, 1, min); /* "out of 10" */
        return at + 1;
    }
    at = skip_counter(reading, at + 1);
    if (at < end && strncmp(pa_token(reading, at)->text, "만점", strlen("만점")) == 0) {
        set_range(item, 0, min); /* "100점 만점" */
        return at + 1;
    }
    if (is_to(reading, at))
        at++;
    else if (at == start + 1 || !pa_token(reading, at - 1)->is_hangul)
        return start;
    if (at >= end || !read_number(reading, at, &max))
        return start;
    set_range(item, min, max);
    return skip_counter(reading, at + 1);
}

/* "5만원", "3천", "2백만 원": what stands for zeroes at the beginning of a Korean word behind a
 * number. */
static double scale_of(const struct lang_token *token)
{
    static const struct {
        const char *word;
        double scale;
    } scales[] = { { "십", 10 }, { "백", 100 }, { "천", 1000 }, { "만", 10000 }, { "억", 1e8 } };
    const char *at = token->text;
    double scale = 1;

    for (size_t i = 0; token->is_hangul && i < sizeof(scales) / sizeof(scales[0]); i++)
        if (strncmp(at, scales[i].word, strlen(scales[i].word)) == 0) {
            scale *= scales[i].scale;
            at += strlen(scales[i].word);
        }
    return scale;
}

/* "원", behind what scale_of() read. */
static bool ends_in_won(const struct lang_token *token)
{
    size_t n = strlen("원");

    return token->is_hangul && token->stem.length >= n &&
           memcmp(token->stem.at + token->stem.length - n, "원", n) == 0;
}

/* "50", "$50", "5만원", "50 euros"; the token after it, or `at`. */
static size_t read_amount(const struct pa_reading *reading, struct pa_item *item, size_t at,
                          size_t end, double *ret_amount)
{
    const struct pa_rules *rules = reading->rules;
    size_t count = 0;
    size_t number = at;
    const struct lang_token *unit;
    size_t after;
    const char *sign = pa_find_name(rules, &rules->currencies, &reading->tokens, at, end, &count);

    number += sign != NULL ? count : 0;
    if (number >= end || !read_number(reading, number, ret_amount))
        return at;
    if (sign != NULL) {
        item->currency = sign;
        return number + 1;
    }
    unit = pa_token(reading, number + 1);
    if (number + 1 < end && unit->is_glued && scale_of(unit) > 1) {
        *ret_amount *= scale_of(unit);
        after = number + 2;
        if (ends_in_won(unit) || pa_is_word(reading, after, "원"))
            item->currency = "KRW";
        return ends_in_won(unit) || item->currency == NULL ? after : after + 1;
    }
    after = pa_read_unit(reading, item, number + 1, end);
    return after > number + 1 ? after : skip_counter(reading, number + 1);
}

size_t pa_read_bound(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    const struct pa_rules *rules = reading->rules;
    size_t count = 0;
    const char *bound = pa_find_name(rules, &rules->bounds, &reading->tokens, at, end, &count);
    size_t number = at + count + (bound != NULL && pa_is_mark(reading, at + count, '.'));
    double value = 0;
    size_t after = bound != NULL ? read_amount(reading, item, number, end, &value) : number;

    if (after == number)
        return at;
    if (strcmp(bound, "max") == 0) {
        item->has_max = true;
        item->max = value;
    } else {
        item->has_min = true;
        item->min = value;
    }
    return after;
}

bool pa_is_bound(const struct pa_reading *reading, size_t at, size_t end)
{
    struct pa_item item = { .first = at, .end = at, .head_first = at, .head_end = at };

    return pa_read_bound(reading, &item, at, end) > at;
}

size_t pa_read_unit(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    const struct pa_rules *rules = reading->rules;
    size_t count;
    const char *name = pa_find_name(rules, &rules->currencies, &reading->tokens, at, end, &count);
    const struct pa_type *type =
        pa_type_of(rules, &reading->tokens, item->head_first, item->head_end);
    bool is_money = type != NULL && strcmp(type->type, "money") == 0;
    size_t other;

    if (name != NULL && (is_money || pa_find_name(rules, &rules->units, &reading->tokens, at, end,
                                                  &other) == NULL)) {
        item->currency = name;
        return at + count;
    }
    name = pa_find_name(rules, &rules->units, &reading->tokens, at, end, &count);
    if (name == NULL)
        return at;
    if (item->unit == NULL)
        item->unit = name;
    return at + count;
}

void pa_add_option(struct pa_reading *reading, struct pa_item *item, size_t first, size_t end)
{
    struct lang_span span;

    while (first < end &&
           (pa_is(reading, first, LANG_DETERMINER | LANG_AND | LANG_OR) ||
            pa_is_word(reading, first, "like") || pa_is_word(reading, first, "such") ||
            pa_is_word(reading, first, "as") || pa_is_word(reading, first, "e.g")))
        first++;
    while (end > first && pa_is(reading, end - 1, LANG_AND | LANG_OR))
        end--;
    if (end == first || reading->option_count == reading->option_max)
        return;
    span = lang_tokens_span(&reading->tokens, first, end - first);
    if (pa_token(reading, end - 1)->particle == LANG_CASE_AND)
        span.length -=
            pa_token(reading, end - 1)->span.length - pa_token(reading, end - 1)->stem.length;
    if (item->option_count == 0)
        item->option_first = reading->option_count;
    reading->options[reading->option_count++] = span;
    item->option_count++;
}

static bool separates_options(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT)
        return token->punct == ',' || token->punct == '/' || token->punct == '|' ||
               token->punct == ';' || token->punct == '\n';
    return (token->tags & (LANG_AND | LANG_OR)) != 0;
}

/* "종류(상의 하의 아우터)": Korean words of a choice without a comma between them. */
static bool are_bare_options(const struct pa_reading *reading, const struct pa_item *item,
                             size_t at, size_t end)
{
    const struct pa_type *type = pa_item_type(reading, item);

    if (end < at + 2 || type == NULL || strcmp(type->type, "choice") != 0)
        return false;
    for (; at < end; at++)
        if (pa_token(reading, at)->kind != LANG_WORD || !pa_token(reading, at)->is_hangul ||
            pa_token(reading, at)->particle != LANG_CASE_NONE ||
            pa_token(reading, at)->ending != LANG_END_NONE)
            return false;
    return true;
}

/* "(easy, medium, hard)": each piece is an option. */
static void read_options(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t first = at;

    if (are_bare_options(reading, item, at, end)) {
        for (; at < end; at++)
            pa_add_option(reading, item, at, at + 1);
        return;
    }

    for (; at <= end; at++) {
        bool joins = at < end && pa_token(reading, at)->particle == LANG_CASE_AND;

        if (at < end && !separates_options(reading, at) && !joins)
            continue;
        pa_add_option(reading, item, first, joins ? at + 1 : at);
        first = at + 1;
    }
}

/* One thing in parentheses may be a flag: "(optional)", "(yes/no)". */
static bool read_flag(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t count;
    const char *hint =
        pa_find_name(reading->rules, &reading->rules->hints, &reading->tokens, at, end, &count);

    if (hint != NULL && at + count == end) {
        item->hint = hint;
        return true;
    }
    if (end != at + 1)
        return false;
    item->is_optional = item->is_optional || pa_is(reading, at, LANG_OPTIONAL);
    item->is_required = item->is_required || pa_is(reading, at, LANG_REQUIRED);
    item->is_many = item->is_many || pa_is(reading, at, LANG_MANY);
    return pa_is(reading, at, LANG_OPTIONAL | LANG_REQUIRED | LANG_MANY);
}

size_t pa_read_parentheses(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t after = pa_after_parentheses(reading, at, end);
    size_t close = after > at + 1 && pa_is_mark(reading, after - 1, ')') ? after - 1 : after;

    at++;
    if (close <= at || read_flag(reading, item, at, close) ||
        pa_read_range(reading, item, at, close) == close ||
        pa_read_bound(reading, item, at, close) == close ||
        pa_read_unit(reading, item, at, close) == close)
        return after;
    item->unit = NULL;
    item->currency = NULL;
    item->has_range = item->has_min = item->has_max = false;
    item->list_first = at;
    item->list_end = close;
    read_options(reading, item, at, close);
    return after;
}

static bool is_in(const struct pa_reading *reading, const struct lang_map *map, size_t at)
{
    size_t count;

    return pa_find_name(reading->rules, map, &reading->tokens, at, at + 1, &count) != NULL;
}

static bool is_image(const struct pa_reading *reading, size_t first, size_t end)
{
    const struct pa_type *type =
        end > first ? pa_type_of(reading->rules, &reading->tokens, first, end) : NULL;

    return type != NULL && strcmp(type->type, "image") == 0;
}

void pa_drop_upload(const struct pa_reading *reading, struct pa_item *item)
{
    const struct pa_rules *rules = reading->rules;
    size_t end = item->end;

    if (item->is_question || item->end != item->head_end)
        return;
    if (end > item->first + 2 && is_in(reading, &rules->uploads, end - 2) &&
        is_in(reading, &rules->wish_ends, end - 1))
        end--; /* "사진 업로드 기능" */
    if (end > item->first + 1 && is_in(reading, &rules->uploads, end - 1) &&
        is_image(reading, item->first, end - 1)) {
        item->end = item->head_end = end - 1;
        item->is_upload = true;
    }
    if (item->end > item->first + 1 && is_in(reading, &rules->uploads, item->first) &&
        is_image(reading, item->first + 1, item->end))
        item->head_first = ++item->first;
}

bool pa_ends_sentence(const struct pa_reading *reading, size_t at)
{
    return pa_is_mark(reading, at, '.') || pa_is_mark(reading, at, '\n') ||
           pa_is_mark(reading, at, ';');
}

static bool is_korean_sentence(const struct pa_reading *reading, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (pa_token(reading, i)->is_hangul)
            return reading->lang[0] == 'k' || pa_token(reading, i)->particle != LANG_CASE_NONE;
    return false;
}

static void read_sentences(struct pa_reading *reading)
{
    size_t depth = 0;
    size_t first = 0;

    for (size_t at = 0; at <= reading->tokens.count; at++) {
        depth += pa_is_mark(reading, at, '(');
        depth -= depth > 0 && pa_is_mark(reading, at, ')');
        if (at < reading->tokens.count && (depth > 0 || !pa_ends_sentence(reading, at)))
            continue;
        if (at > first && is_korean_sentence(reading, first, at))
            pa_read_korean(reading, first, at);
        else if (at > first)
            pa_read_english(reading, first, at);
        first = at + 1;
    }
}

/* What names the app names no thing and no field. */
static void cut_name(struct pa_reading *reading, const char *text, size_t length)
{
    const struct lang_lexicon *lexicon = reading->rules->lexicon;
    struct lang_naming naming;
    struct lang_frame_match match;

    if (!lang_find_naming(lexicon, &reading->tokens, (struct lang_span){ text, length }, &naming))
        return;
    if (lang_frame_in(lexicon, &reading->tokens, naming.first, naming.count, &match))
        reading->name_frame = match.frame;
    lang_cut_naming(&reading->tokens, &naming);
}

int pa_read(struct pa_reading *reading, const char *text, size_t length, struct td_err *err)
{
    if (lang_tokenise(reading->rules->lexicon, text, length, &reading->tokens, err) != 0)
        return -1;
    cut_name(reading, text, length);
    pa_level_brackets(reading);
    reading->item_max = reading->statement_max = reading->option_max =
        2 * reading->tokens.count + 1;
    reading->items = calloc(reading->item_max, sizeof(*reading->items));
    reading->statements = calloc(reading->statement_max, sizeof(*reading->statements));
    reading->options = calloc(reading->option_max, sizeof(*reading->options));
    if (reading->items == NULL || reading->statements == NULL || reading->options == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the phrases of a request of %zu words",
                       reading->tokens.count);
    reading->match_count =
        lang_phrases(reading->rules->lexicon, &reading->tokens, reading->matches, PA_MATCHES);
    pa_free_modifiers(reading);
    pa_level_marks(reading);
    pa_join_korean(reading);
    pa_read_overdue(reading);
    read_sentences(reading);
    return 0;
}

void pa_reading_free(struct pa_reading *reading)
{
    lang_tokens_free(&reading->tokens);
    free(reading->items);
    free(reading->statements);
    free(reading->options);
}
