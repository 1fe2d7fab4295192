/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: JSON as tests write it and compare it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

json_t *td_test_json(const char *text)
{
    char *strict = td_testing_must(strdup(text));
    json_error_t error;
    json_t *value;

    for (char *at = strchr(strict, '\''); at != NULL; at = strchr(at, '\''))
        *at = '"';
    value = json_loads(strict, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    free(strict);
    if (value == NULL)
        td_testing_end("%s is no JSON: %s", text, error.text);
    return value;
}

static void print(const char *what, const json_t *value)
{
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;

    fprintf(stderr, "tdev test: %s %s\n", what, text != NULL ? text : "nothing");
    free(text);
}

bool td_test_equal(const json_t *value, const char *want)
{
    json_t *wanted = td_test_json(want);
    bool is_equal = value != NULL && json_equal(value, wanted);

    if (!is_equal) {
        print("it is    ", value);
        print("should be", wanted);
    }
    json_decref(wanted);
    return is_equal;
}
