/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: what a pattern is good for, as its manifest tells it: use cases, advantages,
 * drawbacks, and traits of a fixed vocabulary, by which patterns are compared.
 *
 * Related patterns and the example are names only: whether they are here is not the manifest's
 * affair.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/near.h"
#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { LIST_MAX = 64, LINE_MAX_BYTES = 200 };

const struct tdh_trait_row tdh_traits[TDH_TRAIT_COUNT] = {
    [TDH_TRAIT_COMPLEXITY] = { "complexity",
                               "what there is to understand before it is used",
                               TDH_SCALE_AT_MOST,
                               { "low", "medium", "high" },
                               { "a list of members", "rules to choose",
                                 "plans or compensations" } },
    [TDH_TRAIT_MEMBERS] = { "members",
                            "how many work",
                            TDH_SCALE_NEAR,
                            { "one", "few", "many" },
                            { "one at a time is enough", "a team", "as many as there are items" } },
    [TDH_TRAIT_COORDINATION] = { "coordination",
                                 "who says what comes next",
                                 TDH_SCALE_NONE,
                                 { "central", "shared", "none" },
                                 { "the pattern, or one leader", "all, by what all see",
                                   "each for itself" } },
    [TDH_TRAIT_ORDER] = { "order",
                          "in which order they work",
                          TDH_SCALE_NONE,
                          { "fixed", "parallel", "free" },
                          { "as it is written", "all at once", "as it turns out" } },
    [TDH_TRAIT_ENDS] = { "ends",
                         "when it is over",
                         TDH_SCALE_NONE,
                         { "first", "quorum", "all", "judged" },
                         { "with the first good result", "when enough agree or have answered",
                           "when all have had their turn", "when the result is good enough" } },
    [TDH_TRAIT_FAILURE] = { "failure",
                            "what a member that fails does to the rest",
                            TDH_SCALE_NONE,
                            { "stop", "skip", "replace", "undo" },
                            { "it ends the run", "the others go on without it",
                              "it is tried again, or another does it",
                              "what was done is undone" } },
    [TDH_TRAIT_WORK] = { "work",
                         "what each member does",
                         TDH_SCALE_NONE,
                         { "split", "same", "steps" },
                         { "the same with another item", "the same with the same input",
                           "something of its own" } },
    [TDH_TRAIT_COST] = { "cost",
                         "calls for one result",
                         TDH_SCALE_AT_MOST,
                         { "low", "medium", "high" },
                         { "one, or one a step", "several for the same", "rounds of several" } },
};

/* A text of one line. */
static int read_line(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, field->max, err);
    char name[160];

    if (text == NULL)
        return -1;
    if (strpbrk(text, "\n\t") != NULL)
        return tdh_spot_fail(spot, err, "%s must be one line without tabs",
                             tdh_spot_print(spot, name, sizeof(name)));
    return field->key != NULL ? tdh_field_text(field, spot, value, into, err) : 0;
}

static int check_line(const struct tdh_spot *spot, const json_t *item, void *into,
                      struct td_err *err)
{
    const struct tdh_field line = { .max = LINE_MAX_BYTES };

    return read_line(&line, spot, item, into, err);
}

static int read_lines(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    size_t count = json_array_size(value);

    if (json_is_array(value) && (count == 0 || count > LIST_MAX))
        return tdh_spot_fail(spot, err, "\"%s\" has %zu items, must have 1 to %d", field->key,
                             count, LIST_MAX);
    if (tdh_items_read(check_line, spot, value, NULL, err) != 0 ||
        tdh_field_words(field, spot, value, NULL, err) != 0)
        return -1;
    *(json_t **)((char *)into + field->offset) = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

static int check_name(const struct tdh_spot *spot, const json_t *item, void *into,
                      struct td_err *err)
{
    const char *text = tdh_spot_text(spot, item, TDH_PLUGIN_NAME_MAX, err);
    char name[160];

    (void)into;
    if (text == NULL)
        return -1;
    if (tdh_plugin_name_is_valid(text))
        return 0;
    return tdh_spot_fail(spot, err,
                         "%s: \"%s\" must be a small letter, then small letters, digits and \"-\"",
                         tdh_spot_print(spot, name, sizeof(name)), text);
}

static int read_related(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    return tdh_items_read(check_name, spot, value, NULL, err) == 0
               ? read_lines(field, spot, value, into, err)
               : -1;
}

static int read_example(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    return check_name(spot, value, NULL, err) == 0 ? tdh_field_text(field, spot, value, into, err)
                                                   : -1;
}

/* --- traits --- */

static int fail_word(const struct tdh_trait_row *trait, const struct tdh_spot *spot,
                     const char *text, struct td_err *err)
{
    struct tdh_buf all = { 0 };
    const char *near;
    size_t count = 0;

    for (; trait->words[count] != NULL; count++)
        tdh_buf_printf(&all, "%s%s", count != 0 ? ", " : "", trait->words[count]);
    near = tdh_near(text, trait->words, count);
    tdh_spot_fail(spot, err, "%s is \"%s\", must be one of %s%s%s%s", trait->name, text,
                  all.failed ? "others" : all.data, near != NULL ? ", did you mean \"" : "",
                  near != NULL ? near : "", near != NULL ? "\"" : "");
    tdh_buf_free(&all);
    return -1;
}

/* The trait that is read, and the words it has. */
struct words {
    const struct tdh_trait_row *trait;
    unsigned found;
};

static int read_word(const struct tdh_spot *spot, const json_t *item, void *into,
                     struct td_err *err)
{
    struct words *words = into;
    const char *text = tdh_spot_text(spot, item, 0, err);

    if (text == NULL)
        return -1;
    for (unsigned i = 0; words->trait->words[i] != NULL; i++) {
        if (strcmp(words->trait->words[i], text) != 0)
            continue;
        if ((words->found & 1u << i) != 0)
            return tdh_spot_fail(spot, err, "\"%s\" stands in \"%s\" twice", text,
                                 words->trait->name);
        words->found |= 1u << i;
        return 0;
    }
    return fail_word(words->trait, spot, text, err);
}

/* A word of the trait of that name, or a list of them. */
static int read_trait(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    struct tdh_catalogue *catalogue = into;
    struct words words = { 0 };
    size_t i = 0;

    while (strcmp(tdh_traits[i].name, field->key) != 0)
        i++;
    words.trait = &tdh_traits[i];
    if (!json_is_array(value)) {
        if (read_word(spot, value, &words, err) != 0)
            return -1;
    } else if (json_array_size(value) == 0) {
        return tdh_spot_fail(spot, err, "\"%s\" is empty", field->key);
    } else if (tdh_items_read(read_word, spot, value, &words, err) != 0) {
        return -1;
    }
    catalogue->traits[i] = words.found;
    return 0;
}

static int read_complexity(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err)
{
    if (!json_is_string(value))
        return tdh_spot_fail_type(spot, value, "a string", err);
    return read_trait(field, spot, value, into, err);
}

static const struct tdh_field trait_fields[] = {
    { .key = "members", .read = read_trait }, { .key = "coordination", .read = read_trait },
    { .key = "order", .read = read_trait },   { .key = "ends", .read = read_trait },
    { .key = "failure", .read = read_trait }, { .key = "work", .read = read_trait },
    { .key = "cost", .read = read_trait },
};

static int read_traits(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    (void)field;
    return tdh_fields_read(trait_fields, COUNT(trait_fields), spot, value, into, err);
}

#define CATALOGUE(member) offsetof(struct tdh_catalogue, member)
static const struct tdh_field fields[] = {
    { "category", false, read_line, CATALOGUE(category), 64, NULL },
    { "use_when", false, read_line, CATALOGUE(use_when), LINE_MAX_BYTES, NULL },
    { "avoid_when", false, read_line, CATALOGUE(avoid_when), LINE_MAX_BYTES, NULL },
    { "use_cases", true, read_lines, CATALOGUE(use_cases), LINE_MAX_BYTES, NULL },
    { "advantages", true, read_lines, CATALOGUE(advantages), LINE_MAX_BYTES, NULL },
    { "drawbacks", true, read_lines, CATALOGUE(drawbacks), LINE_MAX_BYTES, NULL },
    { "advice", false, read_lines, CATALOGUE(advice), LINE_MAX_BYTES, NULL },
    { "complexity", true, read_complexity, 0, 0, NULL },
    { "calls", false, read_line, CATALOGUE(calls), LINE_MAX_BYTES, NULL },
    { "bounds", false, read_line, CATALOGUE(bounds), LINE_MAX_BYTES, NULL },
    { "traits", false, read_traits, 0, 0, NULL },
    { "words", false, read_lines, CATALOGUE(words), 64, NULL },
    { "related", false, read_related, CATALOGUE(related), TDH_PLUGIN_NAME_MAX, NULL },
    { "example", false, read_example, CATALOGUE(example), TDH_PLUGIN_NAME_MAX, NULL },
};

int tdh_manifest_catalogue(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    (void)field;
    manifest->catalogue = calloc(1, sizeof(*manifest->catalogue));
    if (manifest->catalogue == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a catalogue entry");
    return tdh_fields_read(fields, COUNT(fields), spot, value, manifest->catalogue, err);
}

void tdh_catalogue_free(struct tdh_catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    for (size_t i = 0; i < COUNT(fields); i++) {
        void **member = (void **)((char *)catalogue + fields[i].offset);

        if (fields[i].read == read_lines || fields[i].read == read_related)
            json_decref(*member);
        else if (fields[i].read == read_line || fields[i].read == read_example)
            free(*member);
    }
    free(catalogue);
}
