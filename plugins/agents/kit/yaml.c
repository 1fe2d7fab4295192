/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: a recursive walk over libyaml's events, KIT_YAML_DEPTH deep at most.
 *
 * An event is the caller's until it is ended; each function ends what it took, so at most one is
 * alive per level.
 */
#include "yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "file.h"

#define NUMBER_BYTES 18 /* longer digits are a string: no number would hold them all */

struct reader {
    yaml_parser_t parser;
    const char *name;
    struct td_err *err;
};

static int fail_at(struct reader *reader, yaml_mark_t mark, const char *what)
{
    return td_fail(reader->err, TD_E_CONFIG, "%s:%zu:%zu: %s", reader->name, mark.line + 1,
                   mark.column + 1, what);
}

static int no_memory(struct reader *reader)
{
    return td_fail(reader->err, TD_E_NOMEM, "%s: could not allocate what it says", reader->name);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return 0;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        return no_memory(reader);
    return fail_at(reader, reader->parser.problem_mark,
                   reader->parser.problem != NULL ? reader->parser.problem : "not YAML");
}

/* Goes over digits; false when there are none. */
static bool skip_digits(const char **text)
{
    size_t count = strspn(*text, "0123456789");

    *text += count;
    return count > 0;
}

/* A number as JSON writes it: "1.0.0", "0x10", "007" and "1_000" are strings. */
static bool is_number(const char *text, bool *ret_is_real)
{
    *ret_is_real = false;
    text += *text == '-';
    if (*text == '0' && text[1] >= '0' && text[1] <= '9')
        return false;
    if (!skip_digits(&text))
        return false;
    if (*text == '.') {
        *ret_is_real = true;
        text++;
        if (!skip_digits(&text))
            return false;
    }
    if (*text == 'e' || *text == 'E') {
        *ret_is_real = true;
        text += text[1] == '-' || text[1] == '+' ? 2 : 1;
        if (!skip_digits(&text))
            return false;
    }
    return *text == '\0';
}

static json_t *number_of(const char *text, bool is_real)
{
    return is_real ? json_real(strtod(text, NULL)) : json_integer(strtoll(text, NULL, 10));
}

static json_t *plain_value(const char *text, size_t length)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "true", "True", "TRUE", NULL };
    static const char *const falses[] = { "false", "False", "FALSE", NULL };
    bool is_real;

    for (size_t i = 0; nulls[i] != NULL; i++)
        if (strcmp(text, nulls[i]) == 0)
            return json_null();
    for (size_t i = 0; trues[i] != NULL; i++)
        if (strcmp(text, trues[i]) == 0)
            return json_true();
    for (size_t i = 0; falses[i] != NULL; i++)
        if (strcmp(text, falses[i]) == 0)
            return json_false();
    return length <= NUMBER_BYTES && is_number(text, &is_real) ? number_of(text, is_real)
                                                               : json_stringn(text, length);
}

static json_t *scalar_value(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    json_t *value;

    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        fail_at(reader, event->start_mark, "anchors and tags are not read here");
        return NULL;
    }
    value = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_value(text, length)
                                                                : json_stringn(text, length);
    if (value == NULL)
        no_memory(reader);
    return value;
}

static json_t *read_value(struct reader *reader, yaml_event_t *event, unsigned depth);

static int read_items(struct reader *reader, json_t *list, unsigned depth)
{
    for (;;) {
        yaml_event_t event;
        json_t *item;

        if (next_event(reader, &event) != 0)
            return -1;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        item = read_value(reader, &event, depth);
        if (item == NULL)
            return -1;
        if (json_array_append_new(list, item) != 0)
            return no_memory(reader);
    }
}

/* Takes the event of a key; the text is new. */
static char *read_key(struct reader *reader, yaml_event_t *event, const json_t *object)
{
    char *key = NULL;

    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor != NULL ||
        event->data.scalar.tag != NULL)
        fail_at(reader, event->start_mark, "a key must be a plain or quoted string");
    else if (strlen((char *)event->data.scalar.value) != event->data.scalar.length ||
             strcmp((char *)event->data.scalar.value, "<<") == 0)
        fail_at(reader, event->start_mark, "merge keys and NUL bytes are not read here");
    else if (json_object_get(object, (char *)event->data.scalar.value) != NULL)
        fail_at(reader, event->start_mark, "this key stands here already");
    else if ((key = strdup((char *)event->data.scalar.value)) == NULL)
        no_memory(reader);
    yaml_event_delete(event);
    return key;
}

static int read_members(struct reader *reader, json_t *object, unsigned depth)
{
    for (;;) {
        yaml_event_t event;
        json_t *value = NULL;
        char *key;
        int rc = 0;

        if (next_event(reader, &event) != 0)
            return -1;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        key = read_key(reader, &event, object);
        if (key != NULL && next_event(reader, &event) == 0)
            value = read_value(reader, &event, depth);
        if (value != NULL)
            rc = json_object_set_new(object, key, value) == 0 ? 0 : no_memory(reader);
        free(key);
        if (value == NULL || rc != 0)
            return -1;
    }
}

static json_t *read_collection(struct reader *reader, bool is_list, unsigned depth)
{
    json_t *value = is_list ? json_array() : json_object();

    if (value == NULL) {
        no_memory(reader);
        return NULL;
    }
    if ((is_list ? read_items : read_members)(reader, value, depth + 1) == 0)
        return value;
    json_decref(value);
    return NULL;
}

/* Takes the event. */
static json_t *read_value(struct reader *reader, yaml_event_t *event, unsigned depth)
{
    yaml_event_type_t type = event->type;
    json_t *value = NULL;

    if (type == YAML_SCALAR_EVENT)
        value = scalar_value(reader, event);
    else if (type == YAML_ALIAS_EVENT)
        fail_at(reader, event->start_mark, "aliases are not read here");
    else if (type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor == NULL &&
             event->data.sequence_start.tag == NULL && depth < KIT_YAML_DEPTH)
        value = read_collection(reader, true, depth);
    else if (type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor == NULL &&
             event->data.mapping_start.tag == NULL && depth < KIT_YAML_DEPTH)
        value = read_collection(reader, false, depth);
    else
        fail_at(reader, event->start_mark,
                depth < KIT_YAML_DEPTH ? "anchors and tags are not read here"
                                       : "nested too deeply");
    yaml_event_delete(event);
    return value;
}

/* The event that must come now. */
static int expect(struct reader *reader, yaml_event_type_t type, const char *what)
{
    yaml_event_t event;
    int rc = 0;

    if (next_event(reader, &event) != 0)
        return -1;
    if (event.type != type)
        rc = fail_at(reader, event.start_mark, what);
    yaml_event_delete(&event);
    return rc;
}

static json_t *read_document(struct reader *reader)
{
    yaml_event_t event;
    json_t *root;

    if (expect(reader, YAML_STREAM_START_EVENT, "not YAML") != 0 ||
        expect(reader, YAML_DOCUMENT_START_EVENT, "the file is empty") != 0 ||
        next_event(reader, &event) != 0)
        return NULL;
    root = read_value(reader, &event, 0);
    if (root != NULL && expect(reader, YAML_DOCUMENT_END_EVENT, "one value is allowed") == 0 &&
        expect(reader, YAML_STREAM_END_EVENT, "one document is allowed") == 0)
        return root;
    json_decref(root);
    return NULL;
}

json_t *kit_yaml_parse(const char *text, size_t length, const char *name, struct td_err *err)
{
    struct reader reader = { .name = name, .err = err };
    json_t *root;

    if (!yaml_parser_initialize(&reader.parser)) {
        no_memory(&reader);
        return NULL;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    return root;
}

json_t *kit_yaml_read(const char *path, struct td_err *err)
{
    size_t length = 0;
    char *text = kit_file_read(path, KIT_YAML_BYTES, &length, err);
    json_t *root = NULL;

    if (text != NULL)
        root = kit_yaml_parse(text, length, path, err);
    free(text);
    return root;
}
