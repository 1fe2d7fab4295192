/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse: reads, builds, emits. The order of the work, and its limits.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static int check(const struct pa_limits *limits, const json_t *understanding, struct td_err *err)
{
    const json_t *text = json_object_get(understanding, "text");

    if (!json_is_string(text))
        return td_fail(err, TD_E_INVAL, "\"understanding\" has no \"text\"");
    if (json_string_length(text) <= limits->bytes)
        return 0;
    td_fail(err, TD_E_LIMIT, "the request has %zu bytes, more than the limit of %zu",
            json_string_length(text), limits->bytes);
    err->is_retryable = false;
    td_hint(err, "shorten the request, or raise the option \"limit\" of parser");
    return -1;
}

static const char *language_of(const json_t *understanding)
{
    const char *lang = json_string_value(json_object_get(understanding, "lang"));

    return lang != NULL && strcmp(lang, "ko") == 0 ? "ko" : "en";
}

int pa_parse(const struct pa_rules *rules, const struct pa_limits *limits,
             const json_t *understanding, json_t **ret_model, struct td_err *err)
{
    const json_t *text = json_object_get(understanding, "text");
    struct pa_reading reading = { .rules = rules, .lang = language_of(understanding) };
    struct pa_model *model = NULL;
    json_t *out = NULL;

    if (check(limits, understanding, err) != 0)
        return -1;
    if (pa_read(&reading, json_string_value(text), json_string_length(text), err) != 0) {
        pa_reading_free(&reading);
        return -1;
    }
    model = calloc(1, sizeof(*model));
    if (model != NULL) {
        model->reading = &reading;
        model->limits = limits;
        model->constraints = json_object_get(understanding, "constraints");
        pa_build(model);
        out = pa_emit(model);
    }
    free(model);
    pa_reading_free(&reading);
    if (out == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the model of a request of %zu bytes",
                       json_string_length(text));
    *ret_model = out;
    return 0;
}
