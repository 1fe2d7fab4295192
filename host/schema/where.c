/* SPDX-License-Identifier: Apache-2.0 */
/*
 * where: chains lead from the inside out, so texts are measured first and filled from their end.
 */
#include "schema/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t tdh_js_where_escape(char *out, const char *key)
{
    size_t length = 1;

    if (out != NULL)
        out[0] = '/';
    for (; *key != '\0'; key++) {
        bool is_special = *key == '~' || *key == '/';

        if (out != NULL) {
            out[length] = is_special ? '~' : *key;
            if (is_special)
                out[length + 1] = *key == '~' ? '0' : '1';
        }
        length += is_special ? 2 : 1;
    }
    return length;
}

static size_t write_step(char *out, const struct tdh_js_step *step)
{
    char index[24];

    if (step->key != NULL)
        return tdh_js_where_escape(out, step->key);
    snprintf(index, sizeof(index), "%zu", step->index);
    return tdh_js_where_escape(out, index);
}

char *tdh_js_where_step(const struct tdh_js_step *last, size_t *ret_parent_length)
{
    size_t length = 0;
    char *text;

    for (const struct tdh_js_step *step = last; step != NULL; step = step->up)
        length += write_step(NULL, step);
    text = malloc(length + 1);
    if (text == NULL)
        return NULL;
    text[length] = '\0';
    *ret_parent_length = last != NULL ? length - write_step(NULL, last) : 0;
    for (const struct tdh_js_step *step = last; step != NULL; step = step->up) {
        length -= write_step(NULL, step);
        write_step(text + length, step);
    }
    return text;
}

char *tdh_js_where_keyword(const struct tdh_js_node *node, const struct tdh_js_node *root,
                           const char *keyword)
{
    const struct tdh_js_node *top = tdh_js_node_top(node);
    const char *uri = top != root ? top->resource->uri : NULL;
    size_t before = uri != NULL ? strlen(uri) + 1 : 0;
    size_t length = before;
    char *text;

    for (const struct tdh_js_node *at = node; at != top; at = at->up)
        length += strlen(at->path);
    text = malloc(length + (keyword != NULL ? strlen(keyword) + 1 : 0) + 1);
    if (text == NULL)
        return NULL;
    text[length] = '\0';
    if (keyword != NULL)
        sprintf(text + length, "/%s", keyword);
    for (const struct tdh_js_node *at = node; at != top; at = at->up) {
        size_t size = strlen(at->path);

        length -= size;
        memcpy(text + length, at->path, size);
    }
    if (uri != NULL) {
        memcpy(text, uri, before - 1);
        text[before - 1] = '#';
    }
    return text;
}
