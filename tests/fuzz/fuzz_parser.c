/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_parser: any bytes as a request, through understand and parse. A request is refused with a
 * reason, or it gives a model of the usual shape. The word lists are read once, from TEST_SRCDIR.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nl-input/understand.h>
#include <parser/parse.h>

#include "fuzz.h"

static bool is_name(const json_t *name)
{
    const char *text = json_string_value(name);

    return text != NULL && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static bool is_among(const json_t *list, const json_t *name)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item)
        if (json_equal(json_object_get(item, "name"), name))
            return true;
    return false;
}

static void check_fields(const json_t *model, const json_t *entity, const struct pa_limits *limits)
{
    const json_t *fields = json_object_get(entity, "fields");
    size_t i;
    json_t *field;

    assert(json_array_size(fields) > 0 && json_array_size(fields) <= limits->fields);
    json_array_foreach (fields, i, field) {
        assert(is_name(json_object_get(field, "name")));
        assert(json_string_length(json_object_get(field, "label")) > 0);
        assert(json_string_length(json_object_get(field, "from")) > 0);
        assert(json_array_size(json_object_get(field, "options")) <= limits->options);
        if (json_object_get(field, "target") != NULL)
            assert(is_among(json_object_get(model, "entities"), json_object_get(field, "target")));
    }
    assert(is_among(fields, json_object_get(entity, "title_field")));
}

static void check_model(const json_t *model, const struct pa_limits *limits)
{
    const json_t *entities = json_object_get(model, "entities");
    size_t i;
    json_t *entity;

    assert(json_array_size(entities) > 0 && json_array_size(entities) <= limits->entities);
    json_array_foreach (entities, i, entity) {
        assert(is_name(json_object_get(entity, "name")) &&
               is_name(json_object_get(entity, "plural_name")));
        assert(json_string_length(json_object_get(entity, "label")) > 0);
        check_fields(model, entity, limits);
    }
    assert(json_is_array(json_object_get(model, "stories")) &&
           json_is_array(json_object_get(model, "not_built")));
}

static void parse(const struct pa_rules *rules, const json_t *understanding)
{
    static const struct pa_limits limits = {
        .bytes = 65536, .entities = 12, .fields = 24, .options = 24
    };
    struct td_err err = { 0 };
    json_t *model = NULL;

    if (pa_parse(rules, &limits, understanding, &model, &err) != 0) {
        assert(err.code == TD_E_LIMIT && err.text[0] != '\0');
        return;
    }
    check_model(model, &limits);
    json_decref(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct nl_rules *words;
    static struct pa_rules *rules;
    struct td_err err = { 0 };
    struct nl_request request = {
        .text = (const char *)bytes, .length = size, .limit_bytes = 16384, .name_length = 32
    };
    json_t *understanding = NULL;

    if (words == NULL)
        words = nl_rules_read(TEST_SRCDIR "/plugins/agents/nl-input", &err);
    if (rules == NULL)
        rules = pa_rules_read(TEST_SRCDIR "/plugins/agents/parser", &err);
    if (words == NULL || rules == NULL) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    if (nl_understand(words, &request, &understanding, &err) != 0) {
        assert((err.code == TD_E_INVAL || err.code == TD_E_LIMIT) && err.text[0] != '\0' &&
               err.hint[0] != '\0');
        return 0;
    }
    parse(rules, understanding);
    json_decref(understanding);
    return 0;
}
