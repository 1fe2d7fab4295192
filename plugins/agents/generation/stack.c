/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stack: reads and checks; every template is parsed here, so a mistake in one is told when the
 * plugin starts.
 */
#include "stack.h"

#include <stdlib.h>
#include <string.h>

#include "kit/file.h"
#include "kit/json.h"
#include "kit/path.h"
#include "kit/project.h"
#include "kit/yaml.h"

static int add_template(struct stack *stack, const char *from, const char *to, const char *lang,
                        struct td_err *err)
{
    struct stack_file *file = &stack->files[stack->count];
    size_t length = 0;
    char *text;

    if (stack->count == STACK_TEMPLATES)
        return td_fail(err, TD_E_LIMIT, "%s: more than %d templates", stack->folder,
                       STACK_TEMPLATES);
    *file = (struct stack_file){ .to = to,
                                 .lang = lang,
                                 .path = kit_path_join(stack->folder, from, err) };
    stack->count++;
    if (file->path == NULL ||
        (text = kit_file_read(file->path, KIT_FILE_BYTES, &length, err)) == NULL)
        return -1;
    file->template = template_parse(text, length, file->path, err);
    return file->template != NULL ? 0 : -1;
}

static int read_files(struct stack *stack, struct td_err *err)
{
    const json_t *list = json_object_get(stack->doc, "files");
    const json_t *item;
    size_t i;

    if (json_array_size(list) == 0)
        return td_fail(err, TD_E_CONFIG,
                       "%s/templates.yaml: key \"files\": must be a list of {from, to}",
                       stack->folder);
    json_array_foreach ((json_t *)list, i, item) {
        const char *from = kit_str(item, "from", "");
        const char *to = kit_str(item, "to", "");
        const char *lang = kit_str(item, "lang", NULL);

        if (kit_path_fault(from) != NULL || kit_path_fault(to) != NULL ||
            json_object_size(item) != (lang != NULL ? 3U : 2U))
            return td_fail(err, TD_E_CONFIG,
                           "%s/templates.yaml: key \"files\": item %zu must have \"from\" and "
                           "\"to\", both relative "
                           "paths, and may have \"lang\"",
                           stack->folder, i + 1);
        if (add_template(stack, from, to, lang, err) != 0)
            return -1;
    }
    return 0;
}

static int read_offer_files(struct stack *stack, const json_t *list, struct td_err *err)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        if (add_template(stack, kit_str(item, "from", ""), NULL, NULL, err) != 0)
            return -1;
    return 0;
}

static int read_offer(struct stack *stack, json_t *doc, const char *path, struct td_err *err)
{
    struct kit_component *offer = &stack->offers[stack->offer_count];

    if (kit_component_check(doc, path, stack->name, kit_str(doc, "name", ""), offer, err) != 0 ||
        read_offer_files(stack, offer->files, err) != 0 ||
        read_offer_files(stack, offer->tests, err) != 0)
        return -1;
    stack->offer_count++;
    return 0;
}

static int read_offers(struct stack *stack, struct td_err *err)
{
    const json_t *list = json_object_get(stack->doc, "components");
    char *path = kit_path_join(stack->folder, "templates.yaml", err);
    json_t *item;
    int rc = 0;
    size_t i;

    if (path == NULL)
        return -1;
    stack->offers = calloc(json_array_size(list) + 1, sizeof(*stack->offers));
    if (stack->offers == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the templates of \"%s\"", stack->name);
    json_array_foreach ((json_t *)list, i, item)
        if (rc == 0)
            rc = read_offer(stack, item, path, err);
    free(path);
    return rc;
}

static json_t *read_yaml(const char *folder, const char *name, struct td_err *err)
{
    char *path = kit_path_join(folder, name, err);
    json_t *doc = path != NULL ? kit_yaml_read(path, err) : NULL;

    free(path);
    return doc;
}

static int check_texts(const struct stack *stack, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach (stack->doc, key, value) {
        bool is_list = strcmp(key, "files") == 0 || strcmp(key, "components") == 0;

        if (is_list ? !json_is_array(value)
                    : kit_str(value, "en", NULL) == NULL || kit_str(value, "ko", NULL) == NULL)
            return td_fail(err, TD_E_CONFIG, "%s/templates.yaml: key \"%s\": must be %s",
                           stack->folder, key, is_list ? "a list" : "a text in \"en\" and \"ko\"");
    }
    return 0;
}

int stack_read(struct stack *stack, const char *folder, const char *name, struct td_err *err)
{
    *stack = (struct stack){ .name = strdup(name), .folder = kit_path_join(folder, name, err) };
    stack->files = calloc(STACK_TEMPLATES + 1, sizeof(*stack->files));
    if (stack->name == NULL || stack->folder == NULL || stack->files == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the templates of \"%s\"", name);
    stack->doc = read_yaml(stack->folder, "templates.yaml", err);
    if (stack->doc == NULL || check_texts(stack, err) != 0 || read_files(stack, err) != 0 ||
        read_offers(stack, err) != 0)
        return -1;
    stack->looks = read_yaml(stack->folder, "looks.yaml", err);
    return stack->looks != NULL || err->code == TD_E_NOTFOUND ? 0 : -1;
}

void stack_drop(struct stack *stack)
{
    for (size_t i = 0; stack->files != NULL && i < stack->count; i++) {
        template_free(stack->files[i].template);
        free(stack->files[i].path);
    }
    free(stack->files);
    free(stack->offers);
    json_decref(stack->doc);
    json_decref(stack->looks);
    free(stack->name);
    free(stack->folder);
}

const struct template *stack_template(const struct stack *stack, const char *from)
{
    size_t length = strlen(stack->folder);

    for (size_t i = 0; i < stack->count; i++)
        if (stack->files[i].to == NULL && strcmp(stack->files[i].path + length + 1, from) == 0)
            return stack->files[i].template;
    return NULL;
}
