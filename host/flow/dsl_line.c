/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_line: statements out of lines.
 *
 * What is indented deeper than a statement belongs to it: to a node or trigger as statements, to a
 * key as its value. Keys that follow each other are one statement, which is YAML as it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "flow/dsl.h"

/* A line with something in it. */
struct row {
    const char *begin, *first, *end, *next; /* first: behind the indentation */
    unsigned line;
};

/* The statements that stand side by side. */
struct level {
    size_t indent;
    size_t owner; /* TDH_DSL_NONE: the workflow */
};

struct scan {
    struct tdh_dsl *dsl;
    const char *name, *at, *end;
    unsigned line; /* of `at` */
    struct level levels[TDH_DSL_LEVELS];
    unsigned level_count;
};

/* --- lines --- */

static bool is_blank(const struct row *row)
{
    return row->first == row->end;
}

static void read_row(const struct scan *scan, const char *at, unsigned line, struct row *ret_row)
{
    const char *newline = memchr(at, '\n', (size_t)(scan->end - at));

    *ret_row = (struct row){ .begin = at, .first = at, .line = line };
    ret_row->end = newline != NULL ? newline : scan->end;
    ret_row->next = newline != NULL ? newline + 1 : scan->end;
    if (ret_row->end > at && ret_row->end[-1] == '\r')
        ret_row->end--;
    while (ret_row->first < ret_row->end && *ret_row->first == ' ')
        ret_row->first++;
    for (at = ret_row->first; at < ret_row->end && (*at == ' ' || *at == '\t'); at++)
        ;
    if (at == ret_row->end)
        ret_row->first = ret_row->end; /* nothing but space, also of tabs */
}

static struct tdh_dsl_cursor cursor_of(const struct scan *scan, const struct row *row)
{
    return (struct tdh_dsl_cursor){
        scan->name, row->first, row->end, { row->line, (unsigned)(row->first - row->begin) + 1 }
    };
}

/* The next line with more than a comment. False: there is none. */
static bool next_row(struct scan *scan, struct row *row)
{
    while (scan->at < scan->end) {
        read_row(scan, scan->at, scan->line, row);
        scan->at = row->next;
        scan->line++;
        if (!is_blank(row) && *row->first != '#')
            return true;
    }
    return false;
}

/* Takes the lines that belong to the key in `row`: those indented deeper, and closing brackets.
 * Returns their end, behind the last line's own. */
static const char *take_region(struct scan *scan, const struct row *row)
{
    size_t indent = (size_t)(row->first - row->begin);
    const char *end = row->next, *at = scan->at;
    unsigned line = scan->line;
    struct row next;

    for (; at < scan->end; at = next.next) {
        read_row(scan, at, line++, &next);
        if (!is_blank(&next) && (size_t)(next.first - next.begin) <= indent) {
            bool is_closing = (size_t)(next.first - next.begin) == indent &&
                              (*next.first == ']' || *next.first == '}');

            if (*next.first == '#')
                continue;
            if (!is_closing)
                break;
        }
        end = scan->at = next.next;
        scan->line = line;
    }
    return end;
}

/* --- statements --- */

static int add_line(struct scan *scan, enum tdh_dsl_kind kind, struct tdh_dsl_cursor text,
                    struct td_err *err)
{
    struct tdh_dsl *dsl = scan->dsl;

    if (dsl->count == dsl->room) {
        size_t room = dsl->room > 0 ? dsl->room * 2 : 32;
        struct tdh_dsl_line *lines = realloc(dsl->lines, room * sizeof(*lines));

        if (lines == NULL)
            return td_fail(err, TD_E_NOMEM, "%s: could not allocate the statements", scan->name);
        dsl->lines = lines;
        dsl->room = room;
    }
    dsl->lines[dsl->count] = (struct tdh_dsl_line){
        .kind = kind,
        .level = scan->level_count,
        .text = text,
        .after = dsl->count + 1,
        .first_edge = TDH_DSL_NONE,
        .last_edge = TDH_DSL_NONE,
    };
    dsl->count++;
    return 0;
}

/* Keys behind keys are one statement. */
static int add_keys(struct scan *scan, const struct row *row, const char *end, struct td_err *err)
{
    struct tdh_dsl_line *last =
        scan->dsl->count > 0 ? &scan->dsl->lines[scan->dsl->count - 1] : NULL;
    struct tdh_dsl_cursor text = { scan->name, row->begin, end, { row->line, 1 } };

    if (last != NULL && last->kind == TDH_DSL_KEYS && last->level == scan->level_count) {
        last->text.end = end;
        return 0;
    }
    return add_line(scan, TDH_DSL_KEYS, text, err);
}

static bool word_is(const struct tdh_dsl_span *word, const char *text)
{
    return word->length == strlen(text) && memcmp(word->text, text, word->length) == 0;
}

static enum tdh_dsl_kind owner_kind(const struct scan *scan)
{
    size_t owner = scan->levels[scan->level_count - 1].owner;

    return owner != TDH_DSL_NONE ? scan->dsl->lines[owner].kind : TDH_DSL_KEYS;
}

/* Is the value of a key that takes an expression written as YAML: below the key, as a block, or as
 * a whole in quotes? */
static bool is_yaml_value(struct tdh_dsl_cursor value, const char *end)
{
    const char *quoted_end;

    if (tdh_dsl_is_over(&value) || *value.at == '|' || *value.at == '>')
        return true;
    if (*value.at != '"' && *value.at != '\'')
        return false;
    quoted_end = tdh_dsl_quoted_end(value.at, end);
    return quoted_end != NULL && tdh_dsl_expression_end(quoted_end, end) == quoted_end;
}

static int fail_misplaced(const struct tdh_dsl_cursor *cursor, const struct tdh_dsl_span *key,
                          struct td_err *err)
{
    return tdh_dsl_fail(cursor, key->place, err,
                        "key \"%.*s\" cannot stand here: nodes are written as statements, such as "
                        "greet -> agent:echo action:\"echo\"",
                        (int)key->length, key->text);
}

/* The cursor is behind the key and its colon. */
static int add_key(struct scan *scan, const struct row *row, const struct tdh_dsl_span *key,
                   struct tdh_dsl_cursor cursor, struct td_err *err)
{
    enum tdh_dsl_kind owner = owner_kind(scan);
    bool is_expression =
        (owner == TDH_DSL_NODE && (word_is(key, "while") || word_is(key, "until"))) ||
        (owner == TDH_DSL_TRIGGER && word_is(key, "when"));
    struct tdh_dsl_cursor whole = cursor_of(scan, row);
    const char *end;

    if (cursor.at < cursor.end && *cursor.at != ' ' && *cursor.at != '\t')
        return tdh_dsl_expected(&cursor, "a space behind \":\"", NULL, err);
    if (word_is(key, owner == TDH_DSL_NODE ? "body" : "nodes") && owner != TDH_DSL_TRIGGER)
        return fail_misplaced(&cursor, key, err);
    if (owner == TDH_DSL_KEYS && word_is(key, "trigger"))
        return add_line(scan, TDH_DSL_TRIGGER, whole, err);
    end = take_region(scan, row);
    if (!is_expression || is_yaml_value(cursor, end))
        return add_keys(scan, row, end, err);
    whole.end = end;
    return add_line(scan, TDH_DSL_EXPR, whole, err);
}

/* A key in quotes is YAML's matter. */
static int add_quoted_key(struct scan *scan, const struct row *row, struct td_err *err)
{
    struct tdh_dsl_cursor cursor = cursor_of(scan, row);
    const char *end = tdh_dsl_quoted_end(cursor.at, cursor.end);
    static const struct tdh_dsl_span no_word = { "", 0, { 0 } };

    if (end == NULL)
        return tdh_dsl_fail(&cursor, cursor.place, err, "the quote is not closed in this line");
    tdh_dsl_advance(&cursor, (size_t)(end - cursor.at));
    if (!tdh_dsl_take(&cursor, ":"))
        return tdh_dsl_expected(&cursor, "\":\" behind a key", NULL, err);
    return add_key(scan, row, &no_word, cursor, err);
}

static int add_statement(struct scan *scan, const struct row *row, struct td_err *err)
{
    struct tdh_dsl_cursor cursor = cursor_of(scan, row), whole = cursor;
    bool is_trigger = owner_kind(scan) == TDH_DSL_TRIGGER;
    struct tdh_dsl_span word;

    if (*cursor.at == '\t')
        return tdh_dsl_fail(&cursor, cursor.place, err, "a tab cannot indent, use spaces");
    if (*cursor.at == '"' || *cursor.at == '\'')
        return add_quoted_key(scan, row, err);
    word = tdh_dsl_word(&cursor);
    if (word.length == 0)
        return tdh_dsl_expected(&cursor, is_trigger ? "a key" : "a key, a node or an edge", NULL,
                                err);
    tdh_dsl_skip_space(&cursor);
    if (!is_trigger && tdh_dsl_take(&cursor, "->"))
        return add_line(scan, TDH_DSL_NODE, whole, err);
    if (!is_trigger && (tdh_dsl_take(&cursor, "=>") || tdh_dsl_take(&cursor, ",")))
        return add_line(scan, TDH_DSL_EDGE, whole, err);
    if (tdh_dsl_take(&cursor, ":"))
        return add_key(scan, row, &word, cursor, err);
    return tdh_dsl_expected(&cursor,
                            is_trigger ? "\":\" behind a key"
                                       : "\":\" (a key), \"->\" (a node) or \"=>\" (an edge)",
                            NULL, err);
}

/* --- indentation --- */

static void leave_level(struct scan *scan)
{
    const struct level *level = &scan->levels[--scan->level_count];

    if (level->owner != TDH_DSL_NONE)
        scan->dsl->lines[level->owner].after = scan->dsl->count;
}

static int enter_level(struct scan *scan, const struct tdh_dsl_cursor *cursor, size_t owner,
                       size_t indent, struct td_err *err)
{
    if (scan->level_count == TDH_DSL_LEVELS)
        return tdh_dsl_fail(cursor, cursor->place, err, "nodes stand more than %d deep in others",
                            TDH_DSL_LEVELS - 2);
    scan->levels[scan->level_count++] = (struct level){ indent, owner };
    return 0;
}

/* A line that is deeper than its neighbours belongs to the statement before it. */
static int find_level(struct scan *scan, const struct row *row, struct td_err *err)
{
    size_t indent = (size_t)(row->first - row->begin), count = scan->dsl->count;
    struct tdh_dsl_cursor cursor = cursor_of(scan, row);
    const struct tdh_dsl_line *last = count > 0 ? &scan->dsl->lines[count - 1] : NULL;
    unsigned before = scan->level_count;

    if (before == 0)
        return enter_level(scan, &cursor, TDH_DSL_NONE, indent, err);
    while (scan->level_count > 1 && indent < scan->levels[scan->level_count - 1].indent)
        leave_level(scan);
    if (indent == scan->levels[scan->level_count - 1].indent)
        return 0;
    if (scan->level_count == before && indent > scan->levels[before - 1].indent && last != NULL &&
        (last->kind == TDH_DSL_NODE || last->kind == TDH_DSL_TRIGGER))
        return enter_level(scan, &cursor, count - 1, indent, err);
    return tdh_dsl_fail(&cursor, cursor.place, err,
                        "expected an indentation of %zu spaces as in the lines before, found %zu",
                        scan->levels[scan->level_count - 1].indent, indent);
}

/* --- the head --- */

static int read_version(struct tdh_dsl *dsl, struct tdh_dsl_cursor *cursor, struct td_err *err)
{
    const char *at = cursor->at;

    if (cursor->at >= cursor->end || *cursor->at != 'v')
        return 0;
    while (at < cursor->end && *at != ' ' && *at != ':' && *at != '\t')
        at++;
    tdh_dsl_advance(cursor, 1);
    dsl->version = (struct tdh_dsl_span){ cursor->at, (size_t)(at - cursor->at), cursor->place };
    if (dsl->version.length == 0 || *cursor->at < '0' || *cursor->at > '9')
        return tdh_dsl_expected(cursor, "a version such as v1.0", NULL, err);
    tdh_dsl_advance(cursor, dsl->version.length);
    tdh_dsl_skip_space(cursor);
    return 0;
}

static int read_id(struct tdh_dsl *dsl, struct tdh_dsl_cursor *cursor, struct td_err *err)
{
    enum tdh_dsl_value kind;

    if (tdh_dsl_is_over(cursor))
        return tdh_dsl_expected(cursor, "the workflow's name", NULL, err);
    if (*cursor->at == '"' || *cursor->at == '\'') {
        if (tdh_dsl_value(cursor, ':', &kind, &dsl->id, err) != 0)
            return -1;
        if (kind != TDH_DSL_TEXT)
            return tdh_dsl_fail(cursor, dsl->id.place, err,
                                "a workflow's name is letters, digits, \"_\" and \"-\"");
    } else {
        dsl->id = tdh_dsl_word(cursor);
        if (dsl->id.length == 0)
            return tdh_dsl_expected(cursor, "the workflow's name", NULL, err);
    }
    tdh_dsl_skip_space(cursor);
    return 0;
}

/* workflow "NAME" v1.0: */
static int read_head(struct scan *scan, struct td_err *err)
{
    static const char *const words[] = { "workflow" };
    static const char what[] = "workflow \"NAME\" v1.0: in the first line";
    struct tdh_dsl_cursor cursor = { scan->name, scan->end, scan->end, { 1, 1 } }, begin;
    struct tdh_dsl_span word;
    struct row row;
    char text[16];

    if (!next_row(scan, &row))
        return tdh_dsl_fail(&cursor, cursor.place, err, "the text is empty, expected %s", what);
    cursor = begin = cursor_of(scan, &row);
    scan->dsl->place = cursor.place;
    word = tdh_dsl_word(&cursor);
    snprintf(text, sizeof(text), "%.*s", word.length < sizeof(text) ? (int)word.length : 0,
             word.text);
    if (!word_is(&word, "workflow"))
        return tdh_dsl_expected(&begin, what, tdh_near(text, words, 1), err);
    if (read_id(scan->dsl, &cursor, err) != 0 || read_version(scan->dsl, &cursor, err) != 0)
        return -1;
    if (!tdh_dsl_take(&cursor, ":"))
        return tdh_dsl_expected(&cursor, "\":\" behind the name and version", NULL, err);
    return tdh_dsl_need_end(&cursor, err);
}

/* --- the whole --- */

int tdh_dsl_lines(struct tdh_dsl *dsl, const char *name, const char *text, size_t length,
                  struct td_err *err)
{
    struct scan scan = { .dsl = dsl, .name = name, .at = text, .end = text + length, .line = 1 };
    struct row row;

    if (tdh_dsl_check(name, text, length, err) != 0)
        return -1;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        scan.at += 3;
    if (read_head(&scan, err) != 0)
        return -1;
    while (next_row(&scan, &row))
        if (find_level(&scan, &row, err) != 0 || add_statement(&scan, &row, err) != 0)
            return -1;
    while (scan.level_count > 0)
        leave_level(&scan);
    return 0;
}

void tdh_dsl_free(struct tdh_dsl *dsl)
{
    free(dsl->lines);
    free(dsl->edges);
    tdh_arena_free(&dsl->arena);
}
