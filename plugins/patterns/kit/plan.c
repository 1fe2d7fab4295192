/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: what a configuration means, made once and shared by all runs.
 *
 * The manifest's schema was kept before, but a run that resumes brings the configuration it began
 * with, so what is read here is checked here.
 */
#include "kit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct kit_block {
    struct kit_block *next;
    max_align_t bytes[];
};

void *kit_alloc(struct kit_plan *plan, size_t size, struct td_err *err)
{
    struct kit_block *block = calloc(1, sizeof(*block) + size);

    if (block == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the plan");
        return NULL;
    }
    block->next = plan->blocks;
    plan->blocks = block;
    return block->bytes;
}

int kit_prepare(const struct kit_pattern *pattern, const json_t *config, void **ret_plan,
                struct td_err *err)
{
    struct kit_plan *plan = calloc(1, pattern->plan_size);

    if (plan == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the plan");
    plan->pattern = pattern;
    plan->config = json_incref((json_t *)config);
    if (pattern->read(plan, config, err) != 0) {
        kit_release(plan);
        return -1;
    }
    *ret_plan = plan;
    return 0;
}

void kit_release(void *arg)
{
    struct kit_plan *plan = arg;

    while (plan->blocks != NULL) {
        struct kit_block *next = plan->blocks->next;

        free(plan->blocks);
        plan->blocks = next;
    }
    json_decref(plan->config);
    free(plan);
}

/* --- keys --- */

int kit_count(const json_t *config, const char *key, size_t min, size_t max, size_t fallback,
              size_t *ret_count, struct td_err *err)
{
    const json_t *value = json_object_get(config, key);
    json_int_t count = json_integer_value(value);

    if (value != NULL &&
        (!json_is_integer(value) || count < (json_int_t)min || count > (json_int_t)max))
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a whole number from %zu to %zu", key, min,
                       max);
    *ret_count = value != NULL ? (size_t)count : fallback;
    return 0;
}

/* "a", "b" or "c" */
static void list_words(const char *const *words, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\"%s\"",
                                 i == 0 ? "" : (words[i + 1] != NULL ? ", " : " or "), words[i]);
}

int kit_choice(const json_t *config, const char *key, const char *const *words, unsigned fallback,
               unsigned *ret_choice, struct td_err *err)
{
    const json_t *value = json_object_get(config, key);
    const char *text = json_string_value(value);
    char allowed[256];

    if (value == NULL)
        *ret_choice = fallback;
    for (unsigned i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0) {
            *ret_choice = i;
            return 0;
        }
    if (value == NULL)
        return 0;
    list_words(words, allowed, sizeof(allowed));
    if (text == NULL)
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be %s", key, allowed);
    return td_fail(err, TD_E_CONFIG, "\"%s\" is \"%s\", it must be %s", key, text, allowed);
}

int kit_text(const json_t *config, const char *key, const char *fallback, const char **ret_text,
             struct td_err *err)
{
    const json_t *value = json_object_get(config, key);

    if (value != NULL && !json_is_string(value))
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a text", key);
    *ret_text = value != NULL ? json_string_value(value) : fallback;
    return 0;
}

int kit_pointer(const json_t *config, const char *key, const char *fallback, const char **ret_text,
                struct td_err *err)
{
    if (kit_text(config, key, fallback, ret_text, err) != 0)
        return -1;
    return *ret_text == NULL || kit_is_pointer(*ret_text)
               ? 0
               : td_fail(err, TD_E_CONFIG,
                         "\"%s\" must be a JSON pointer, \"\" or one that begins with \"/\"", key);
}

/* --- durations --- */

static double unit_ms(const char **text)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = { { "us", 0.001 }, { "ms", 1 },      { "s", 1000 },
                  { "m", 60000 },  { "h", 3600000 }, { "d", 86400000 } };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].unit);

        if (strncmp(*text, units[i].unit, length) == 0 &&
            !isalpha((unsigned char)(*text)[length])) {
            *text += length;
            return units[i].ms;
        }
    }
    return 0;
}

/* Sums like "1h30m"; -1: it is none. */
static double read_duration(const char *text)
{
    double sum = 0;

    if (text == NULL || *text == '\0')
        return -1;
    while (*text != '\0') {
        double number = 0, unit, place = 1;
        const char *digits = text;

        while (isdigit((unsigned char)*text))
            number = number * 10 + (*text++ - '0');
        if (text == digits)
            return -1;
        if (*text == '.' && isdigit((unsigned char)text[1]))
            for (text++; isdigit((unsigned char)*text); text++)
                number += (*text - '0') * (place /= 10);
        unit = unit_ms(&text);
        if (unit <= 0)
            return -1;
        sum += number * unit;
    }
    return sum;
}

int kit_duration(const json_t *config, const char *key, uint32_t *ret_ms, struct td_err *err)
{
    const json_t *value = json_object_get(config, key);
    double ms = value != NULL ? read_duration(json_string_value(value)) : 0;

    if (ms < 0 || ms > UINT32_MAX)
        return td_fail(err, TD_E_CONFIG,
                       "\"%s\" must be a duration of at most 49 days, such as \"30s\" or \"1h30m\"",
                       key);
    *ret_ms =
        (uint32_t)(((uint64_t)(ms * 1000 + 0.5) + 999) / 1000); /* up, but not for 0.1 + 0.2 */
    return 0;
}
