/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: drives libyaml's parser, turns its complaints into ours, and answers where things stand.
 *
 * The event interface is used, not the document one: that one copies every value once more and
 * expands no alias. A text may be a part of a longer one: its places are then those of the whole.
 */
#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/json.h"
#include "base/yaml_build.h"
#include "base/yaml_derive.h"
#include "base/yaml_places.h"

/* A text being read. */
struct reader {
    yaml_parser_t parser;
    const char *name;
    const char *text;
    size_t length;
    struct tdh_place before; /* lines before it, and columns before its first line */
};

static struct tdh_place place_of(const struct reader *reader, const yaml_mark_t *mark)
{
    return (struct tdh_place){
        .line = reader->before.line + (unsigned)mark->line + 1,
        .column = (mark->line == 0 ? reader->before.column : 0) + (unsigned)mark->column + 1,
    };
}

/* libyaml gives a byte offset when the bytes themselves are wrong. */
static int fail_bytes(const struct reader *reader, struct td_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *begin = reader->text, *at = reader->text + parser->problem_offset;
    yaml_mark_t mark = { 0 };
    struct tdh_place place;

    for (const char *p = begin; p < at; p++)
        if (*p == '\n') {
            mark.line++;
            begin = p + 1;
        }
    mark.column = (size_t)(at - begin);
    place = place_of(reader, &mark);
    td_fail(err, TD_E_INVAL, "%s:%u:%u: %s", reader->name, place.line, place.column,
            parser->problem);
    if (parser->problem_value >= 0) /* the byte or character, when it is one that is wrong */
        snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text), " (0x%02X)",
                 (unsigned)parser->problem_value);
    return -1;
}

/* The commonest slips, in words that say what to do. Returns -1 when it told one, else 0. */
static int fail_slip(const struct reader *reader, struct td_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    struct tdh_place place = place_of(reader, &parser->problem_mark);

    if (strcmp(parser->problem, "found character that cannot start any token") != 0 ||
        parser->buffer.pointer >= parser->buffer.last)
        return 0;
    if (*parser->buffer.pointer == '\t')
        return td_fail(err, TD_E_INVAL, "%s:%u:%u: a tab cannot indent, use spaces", reader->name,
                       place.line, place.column);
    return td_fail(err, TD_E_INVAL, "%s:%u:%u: \"%c\" cannot begin a value, put it in quotes",
                   reader->name, place.line, place.column, *parser->buffer.pointer);
}

/* What libyaml says in words of its grammar. */
static const struct slip {
    const char *problem, *context; /* libyaml's; NULL: any */
    const char *words;
    enum {
        HERE,
        THERE,
        SINCE
    } place; /* where it was seen; where it began; the former, and since */
} slips[] = {
    { "mapping values are not allowed in this context", NULL,
      "\":\" cannot stand here: keys of one map begin in one column, a text with \": \" needs "
      "quotes",
      HERE },
    { "could not find expected ':'", NULL, "a key needs \": \" behind it", THERE },
    { "did not find expected key", NULL, "expected the next key of the map", SINCE },
    { "did not find expected '-' indicator", NULL, "expected the next \"- \" of the list", SINCE },
    { "did not find expected ',' or ']'", NULL, "expected \",\" or \"]\" of the list", SINCE },
    { "did not find expected ',' or '}'", NULL, "expected \",\" or \"}\" of the map", SINCE },
    { "found unexpected end of stream", "while scanning a quoted scalar",
      "the quote that begins here is not closed", THERE },
    { "found unknown escape character", NULL,
      "there is no such escape behind \"\\\", between single quotes it is a plain character",
      HERE },
    { "did not find expected node content", NULL, "expected a value", HERE },
    { "found incompatible YAML document", NULL, "this version of YAML is not known, 1.2 is", HERE },
};

/* Whether "${" stands at a mark, which counts characters: an expression without its quotes. */
static bool is_expression(const struct reader *reader, const yaml_mark_t *mark)
{
    const char *at = reader->text, *end = at + reader->length;

    for (size_t line = 0; line < mark->line && at != NULL; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : NULL;
    }
    for (size_t column = 0; at != NULL && at < end && column < mark->column; column++)
        for (at++; at < end && (*at & 0xC0) == 0x80; at++)
            ;
    return at != NULL && at > reader->text && at < end && at[-1] == '$' && *at == '{';
}

static const struct slip *find_slip(const yaml_parser_t *parser)
{
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
        if (strcmp(slips[i].problem, parser->problem) == 0 &&
            (slips[i].context == NULL ||
             (parser->context != NULL && strcmp(slips[i].context, parser->context) == 0)))
            return &slips[i];
    return NULL;
}

static int fail_syntax(const struct reader *reader, struct td_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    const yaml_mark_t *mark = &parser->problem_mark;
    struct tdh_place here = place_of(reader, mark), there = place_of(reader, &parser->context_mark);
    const struct slip *slip = find_slip(parser);

    if (fail_slip(reader, err) != 0)
        return -1;
    if (is_expression(reader, mark))
        return td_fail(err, TD_E_INVAL, "%s:%u:%u: an expression needs quotes: \"${...}\"",
                       reader->name, here.line, here.column - 1);
    if (parser->context == NULL && (slip == NULL || slip->place != HERE))
        return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s", reader->name, here.line, here.column,
                       parser->problem);
    if (slip == NULL || slip->place == SINCE)
        return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s %s line %u, column %u", reader->name,
                       here.line, here.column, slip != NULL ? slip->words : parser->problem,
                       slip != NULL ? "that began in" : "in what began in", there.line,
                       there.column);
    if (slip->place == THERE)
        here = there;
    return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s", reader->name, here.line, here.column,
                   slip->words);
}

static int next_event(struct reader *reader, yaml_event_t *event, struct td_err *err)
{
    if (yaml_parser_parse(&reader->parser, event))
        return 0;
    if (reader->parser.error == YAML_MEMORY_ERROR || reader->parser.problem == NULL)
        return td_fail(err, TD_E_NOMEM, "%s: could not allocate the parser's state", reader->name);
    return reader->parser.error == YAML_READER_ERROR ? fail_bytes(reader, err)
                                                     : fail_syntax(reader, err);
}

/* Builds from the events up to the end of the document. */
static int build(struct reader *reader, struct tdh_yaml_builder *builder, struct td_err *err)
{
    for (;;) {
        yaml_event_t event;
        int rc;

        if (next_event(reader, &event, err) != 0)
            return -1;
        if (event.type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        rc = tdh_yaml_builder_add(builder, &event, err);
        yaml_event_delete(&event);
        if (rc != 0)
            return -1;
    }
}

/* new: a document whose start has been read. */
static struct tdh_yaml *read_document(struct reader *reader, struct td_err *err)
{
    struct tdh_yaml_builder *builder = tdh_yaml_builder_new(reader->name, err);
    struct tdh_yaml *yaml = NULL;

    if (builder == NULL)
        return NULL;
    if (build(reader, builder, err) == 0)
        yaml = tdh_yaml_builder_end(builder);
    tdh_yaml_builder_free(builder);
    return yaml;
}

/* Reads the start of the next document. Returns 1, 0 at the end of the text, or -1. */
static int next_document(struct reader *reader, struct tdh_place *ret_place, struct td_err *err)
{
    yaml_event_t event;
    yaml_event_type_t type;

    do {
        if (next_event(reader, &event, err) != 0)
            return -1;
        type = event.type;
        *ret_place = place_of(reader, &event.start_mark);
        yaml_event_delete(&event);
    } while (type == YAML_STREAM_START_EVENT);
    return type == YAML_DOCUMENT_START_EVENT;
}

/* The encoding is given, since libyaml would take UTF-16 too; the byte order mark is left out,
 * since it would count it as a column. */
static int open_reader(struct reader *reader, const char *text, size_t length, const char *name,
                       struct td_err *err)
{
    static const char mark[] = "\xEF\xBB\xBF";

    if (length > TDH_YAML_BYTES)
        return td_fail(err, TD_E_LIMIT, "%s: is %zu bytes, the most is %u", name, length,
                       TDH_YAML_BYTES);
    if (!yaml_parser_initialize(&reader->parser))
        return td_fail(err, TD_E_NOMEM, "%s: could not allocate a parser", name);
    reader->name = name;
    reader->before = (struct tdh_place){ 0 };
    if (length >= sizeof(mark) - 1 && memcmp(text, mark, sizeof(mark) - 1) == 0) {
        text += sizeof(mark) - 1;
        length -= sizeof(mark) - 1;
    }
    reader->text = length != 0 ? text : "";
    reader->length = length;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->text, length);
    return 0;
}

/* Reads all documents of an open reader, at most `max`. Those read before a failure are the
 * caller's too. */
static int read_documents(struct reader *reader, struct tdh_yaml **documents, size_t max,
                          size_t *count, struct td_err *err)
{
    struct tdh_place place;
    int more;

    *count = 0;
    while ((more = next_document(reader, &place, err)) == 1) {
        if (*count == max)
            return td_fail(err, max == 1 ? TD_E_INVAL : TD_E_LIMIT,
                           "%s:%u:%u: another document begins here, %zu allowed", reader->name,
                           place.line, place.column, max);
        documents[*count] = read_document(reader, err);
        if (documents[*count] == NULL)
            return -1;
        (*count)++;
    }
    return more;
}

struct tdh_yaml *tdh_yaml_parse(const char *text, size_t length, const char *name,
                                struct td_err *err)
{
    struct tdh_yaml *yaml = NULL;
    struct reader reader;
    size_t count;
    int rc;

    if (open_reader(&reader, text, length, name, err) != 0)
        return NULL;
    rc = read_documents(&reader, &yaml, 1, &count, err);
    if (rc == 0 && count == 0)
        rc = td_fail(err, TD_E_INVAL, "%s:1:1: the text is empty, expected a YAML document", name);
    yaml_parser_delete(&reader.parser);
    if (rc == 0)
        return yaml;
    tdh_yaml_free(yaml);
    return NULL;
}

struct tdh_yaml *tdh_yaml_read(const char *path, struct td_err *err)
{
    size_t length;
    char *text = tdh_file_read(path, TDH_YAML_BYTES, &length, err);
    struct tdh_yaml *yaml;

    if (text == NULL)
        return NULL;
    yaml = tdh_yaml_parse(text, length, path, err);
    free(text);
    return yaml;
}

struct tdh_yaml **tdh_yaml_parse_all(const char *text, size_t length, const char *name,
                                     size_t *ret_count, struct td_err *err)
{
    struct tdh_yaml **documents;
    struct reader reader;
    size_t count;
    int rc;

    if (open_reader(&reader, text, length, name, err) != 0)
        return NULL;
    documents = calloc(TDH_YAML_DOCUMENTS, sizeof(struct tdh_yaml *));
    if (documents != NULL)
        rc = read_documents(&reader, documents, TDH_YAML_DOCUMENTS, &count, err);
    else
        rc = td_fail(err, TD_E_NOMEM, "%s: could not allocate the documents", name);
    yaml_parser_delete(&reader.parser);
    if (rc == 0) {
        *ret_count = count;
        return documents;
    }
    for (size_t i = 0; documents != NULL && i < count; i++)
        tdh_yaml_free(documents[i]);
    free(documents);
    return NULL;
}

/* --- a part of a text of another notation --- */

static int fail_part(const struct reader *reader, struct td_err *err, const char *what)
{
    return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s", reader->name, reader->before.line + 1,
                   reader->before.column + 1, what);
}

/* Hands an event on as one of the whole text. The outermost mapping is the caller's when it wants
 * members. */
static int add_part(const struct reader *reader, struct tdh_yaml_builder *builder,
                    yaml_event_t *event, bool is_outer, struct td_err *err)
{
    struct tdh_place place = place_of(reader, &event->start_mark);

    if (is_outer && event->type == YAML_MAPPING_START_EVENT &&
        event->data.mapping_start.anchor == NULL && event->data.mapping_start.tag == NULL)
        return 0;
    if (is_outer && event->type != YAML_MAPPING_END_EVENT)
        return fail_part(reader, err, "expected a key, \":\" and a value");
    event->start_mark.line = place.line - 1;
    event->start_mark.column = place.column - 1;
    return is_outer ? 0 : tdh_yaml_builder_add(builder, event, err);
}

/* The levels an event opens, or closes. */
static int levels_of(yaml_event_type_t type)
{
    if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT)
        return 1;
    return type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT ? -1 : 0;
}

static int read_part(struct reader *reader, struct tdh_yaml_builder *builder, bool is_members,
                     struct td_err *err)
{
    int depth = 0, rc = 0;
    yaml_event_t event;
    yaml_event_type_t type;

    do {
        if (next_event(reader, &event, err) != 0)
            return -1;
        type = event.type;
        if (type != YAML_DOCUMENT_END_EVENT) {
            depth -= levels_of(type) < 0;
            rc = add_part(reader, builder, &event, is_members && depth == 0, err);
            depth += levels_of(type) > 0;
        }
        yaml_event_delete(&event);
    } while (rc == 0 && type != YAML_DOCUMENT_END_EVENT);
    return rc;
}

int tdh_yaml_builder_part(struct tdh_yaml_builder *builder, const struct tdh_yaml_part *part,
                          struct td_err *err)
{
    struct reader reader;
    struct tdh_place place;
    int more;

    if (open_reader(&reader, part->text, part->length, tdh_yaml_builder_name(builder), err) != 0)
        return -1;
    reader.before = (struct tdh_place){ part->place.line - 1, part->place.column - 1 };
    more = next_document(&reader, &place, err);
    if (more == 0)
        more = fail_part(&reader, err, "expected a value");
    if (more == 1 && read_part(&reader, builder, part->is_members, err) != 0)
        more = -1;
    if (more == 1) {
        more = next_document(&reader, &place, err);
        if (more == 1)
            more = td_fail(err, TD_E_INVAL, "%s:%u:%u: a document cannot begin here", reader.name,
                           place.line, place.column);
    }
    yaml_parser_delete(&reader.parser);
    return more;
}

void tdh_yaml_free(struct tdh_yaml *yaml)
{
    if (yaml == NULL)
        return;
    json_decref(yaml->root);
    tdh_yaml_places_free(yaml->places);
    tdh_yaml_derived_free(yaml->derived);
    free(yaml->name);
    free(yaml);
}

struct tdh_place tdh_yaml_place(const struct tdh_yaml *yaml, const char *pointer)
{
    bool is_exact;
    const struct tdh_yaml_node *node;

    if (yaml->derived != NULL)
        return tdh_yaml_derived_place(yaml->derived, pointer, tdh_yaml_place);
    node = tdh_yaml_places_find(yaml->places, pointer, &is_exact);
    return node != NULL ? node->place : (struct tdh_place){ 0 };
}

struct tdh_place tdh_yaml_key_place(const struct tdh_yaml *yaml, const char *pointer)
{
    bool is_exact;
    const struct tdh_yaml_node *node;

    if (yaml->derived != NULL)
        return tdh_yaml_derived_place(yaml->derived, pointer, tdh_yaml_key_place);
    node = tdh_yaml_places_find(yaml->places, pointer, &is_exact);
    if (node == NULL)
        return (struct tdh_place){ 0 };
    return is_exact && node->key_place.line != 0 ? node->key_place : node->place;
}

int tdh_yaml_fail(const struct tdh_yaml *yaml, const char *pointer, struct td_err *err,
                  enum td_code code, const char *fmt, ...)
{
    struct tdh_place place = tdh_yaml_place(yaml, pointer);
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, code, "%s:%u:%u: %s", yaml->name, place.line, place.column, text);
}
