/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stack: the templates of one stack, from templates.yaml and looks.yaml in its folder, parsed once.
 *
 *   files       {from, to, lang}: the app's own files; with `lang`, only for apps in that language
 *   components  descriptions as in the catalogue, whose files are templates: offered when a need
 *               is met by nothing else
 *
 * Any other key with {en, ko} is a data member of that name, in the app's language.
 *
 * looks.yaml may be missing. Read-only after stack_read; shared by all threads.
 */
#ifndef GENERATION_STACK_H
#define GENERATION_STACK_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#include "kit/catalogue.h"
#include "template.h"

#define STACK_TEMPLATES 200 /* most templates of one stack */

struct stack_file {
    const char *to, *lang; /* borrowed from `doc`; lang NULL: for every language */
    struct template *template;
    char *path; /* owned; the template's name */
};

struct stack {
    char *name, *folder;
    json_t *doc, *looks; /* looks: NULL when there are none */
    struct stack_file *files;
    size_t count;
    struct kit_component *offers; /* doc and folder not set */
    size_t offer_count;
};

/** err: TD_E_CONFIG with file and place; TD_E_IO, TD_E_NOTFOUND. Fills `stack`, which stack_drop
 * ends, also on failure. */
int stack_read(struct stack *stack, const char *folder, const char *name, struct td_err *err);
void stack_drop(struct stack *stack);
/** The template of a file {from, to} of an offer; borrowed. */
const struct template *stack_template(const struct stack *stack, const char *from);

#endif
