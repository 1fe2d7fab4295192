/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: parsed into a flat list of nodes, where a section knows the node behind its end.
 *
 * All names are slices of the text, so an error finds its line by counting from the beginning.
 */
#include "template.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "kit/json.h"
#include "kit/text.h"
#include "kit/write.h"

#define NAME_BYTES 127

enum node_kind {
    NODE_TEXT,
    NODE_HTML,
    NODE_JSON,
    NODE_MD,
    NODE_RAW,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_END
};

struct node {
    enum node_kind kind;
    const char *start; /* of the text, or of the name */
    size_t length;
    size_t end; /* of a section: the place of its NODE_END */
};

struct template
{
    char *text;
    const char *name;
    struct node *nodes;
    size_t count;
};

/* One parse. `open` holds the places of the sections that have not ended. */
struct parse {
    struct template *template;
    const char *at, *stop;
    size_t open[TEMPLATE_DEPTH];
    size_t depth;
    struct td_err *err;
};

static int fail_at(const struct template *template, const char *at, struct td_err *err,
                   const char *what, const struct node *node)
{
    const char *name = node != NULL ? node->start : "";
    int length = node != NULL ? (int)node->length : 0;
    size_t line = 1, column = 1;

    for (const char *c = template->text; c < at; c++) {
        column = *c == '\n' ? 1 : column + (((unsigned char)*c & 0xC0U) != 0x80U);
        line += *c == '\n';
    }
    return td_fail(err, TD_E_CONFIG, "%s:%zu:%zu: %s%s%.*s%s", template->name, line, column, what,
                   node != NULL ? " \"" : "", length, name, node != NULL ? "\"" : "");
}

static struct node *add_node(struct parse *parse, enum node_kind kind, const char *start,
                             size_t length)
{
    struct template *template = parse->template;
    struct node *nodes = template->nodes;

    if (template->count == TEMPLATE_NODES) {
        td_fail(parse->err, TD_E_LIMIT, "%s: more than %d marks", template->name, TEMPLATE_NODES);
        return NULL;
    }
    if ((template->count & (template->count + 1)) == 0) /* full at 0, 1, 3, 7, ... */
        nodes = realloc(nodes, (2 * template->count + 1) * sizeof(*nodes));
    if (nodes == NULL) {
        td_fail(parse->err, TD_E_NOMEM, "%s: could not allocate the template", template->name);
        return NULL;
    }
    template->nodes = nodes;
    nodes[template->count] = (struct node){ .kind = kind, .start = start, .length = length };
    return &nodes[template->count++];
}

static const struct mode {
    const char *word;
    enum node_kind kind;
} modes[] = { { "html ", NODE_HTML }, { "json ", NODE_JSON }, { "md ", NODE_MD },
              { "text ", NODE_RAW },  { "#", NODE_SECTION },  { "^", NODE_INVERTED },
              { "/", NODE_END } };

static bool is_name(const char *start, size_t length)
{
    if (length == 1 && start[0] == '.')
        return true;
    for (size_t i = 0; i < length; i++) {
        bool is_dot = start[i] == '.';

        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", start[i]) ==
            NULL)
            return false;
        if (is_dot && (i == 0 || i + 1 == length || start[i - 1] == '.'))
            return false;
    }
    return length > 0 && length <= NAME_BYTES;
}

/* Reads what stands between {{ and }}; fills `node`. */
static int read_mark(struct parse *parse, const char *start, size_t length, struct node *node)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        size_t skip = strlen(modes[i].word);

        if (length < skip || memcmp(start, modes[i].word, skip) != 0)
            continue;
        *node =
            (struct node){ .kind = modes[i].kind, .start = start + skip, .length = length - skip };
        if (is_name(node->start, node->length))
            return 0;
        return fail_at(parse->template, start, parse->err, "this is no name:", node);
    }
    *node = (struct node){ .start = start, .length = length };
    return fail_at(parse->template, start, parse->err,
                   "a mark begins with html, json, md, text, #, ^ or /, this one is", node);
}

/* A section mark alone on its line: the blanks before it and the line end behind it are no text. */
static void trim_line(const struct parse *parse, const char **text_end, const char **after)
{
    const char *before = *text_end;
    const char *behind = *after;

    while (before > parse->template->text && (before[-1] == ' ' || before[-1] == '\t'))
        before--;
    while (behind < parse->stop && (*behind == ' ' || *behind == '\t' || *behind == '\r'))
        behind++;
    if ((before > parse->template->text && before[-1] != '\n') ||
        (behind < parse->stop && *behind != '\n'))
        return;
    *text_end = before > parse->at ? before : parse->at;
    *after = behind < parse->stop ? behind + 1 : behind;
}

static int end_section(struct parse *parse, const struct node *mark)
{
    struct node *section;

    if (parse->depth == 0)
        return fail_at(parse->template, mark->start, parse->err, "this ends no section:", mark);
    section = &parse->template->nodes[parse->open[parse->depth - 1]];
    if (section->length != mark->length || memcmp(section->start, mark->start, mark->length) != 0)
        return fail_at(parse->template, mark->start, parse->err,
                       "another section is to be ended first:", section);
    section->end = parse->template->count;
    parse->depth--;
    return add_node(parse, NODE_END, mark->start, mark->length) != NULL ? 0 : -1;
}

static int add_mark(struct parse *parse, const struct node *mark)
{
    if (mark->kind == NODE_END)
        return end_section(parse, mark);
    if (mark->kind == NODE_SECTION || mark->kind == NODE_INVERTED) {
        if (parse->depth == TEMPLATE_DEPTH)
            return fail_at(parse->template, mark->start, parse->err,
                           "sections are too deep here:", mark);
        parse->open[parse->depth++] = parse->template->count;
    }
    return add_node(parse, mark->kind, mark->start, mark->length) != NULL ? 0 : -1;
}

/* The text up to the next mark, and the mark. */
static int parse_next(struct parse *parse)
{
    const char *mark = memmem(parse->at, (size_t)(parse->stop - parse->at), "{{", 2);
    const char *text_end = mark != NULL ? mark : parse->stop;
    const char *close = mark != NULL ? memmem(mark, (size_t)(parse->stop - mark), "}}", 2) : NULL;
    const char *after = close != NULL ? close + 2 : parse->stop;
    struct node node = { .kind = NODE_TEXT };

    if (mark != NULL && close == NULL)
        return fail_at(parse->template, mark, parse->err, "this mark does not end", NULL);
    if (mark != NULL && read_mark(parse, mark + 2, (size_t)(close - mark) - 2, &node) != 0)
        return -1;
    if (node.kind >= NODE_SECTION)
        trim_line(parse, &text_end, &after);
    if (text_end > parse->at &&
        add_node(parse, NODE_TEXT, parse->at, (size_t)(text_end - parse->at)) == NULL)
        return -1;
    parse->at = after;
    return mark != NULL ? add_mark(parse, &node) : 0;
}

struct template *template_parse(char *text, size_t length, const char *name, struct td_err *err)
{
    struct template *template = calloc(1, sizeof(*template));
    struct parse parse = { .template = template, .at = text, .stop = text + length, .err = err };
    int rc = 0;

    if (template == NULL) {
        free(text);
        td_fail(err, TD_E_NOMEM, "%s: could not allocate the template", name);
        return NULL;
    }
    template->text = text;
    template->name = name;
    if (!kit_is_utf8(text, length))
        rc = td_fail(err, TD_E_CONFIG, "%s: the template is not UTF-8", name);
    while (rc == 0 && parse.at < parse.stop)
        rc = parse_next(&parse);
    if (rc == 0 && parse.depth > 0) {
        const struct node *section = &template->nodes[parse.open[parse.depth - 1]];

        rc = fail_at(template, section->start, err, "this section does not end:", section);
    }
    if (rc == 0)
        return template;
    template_free(template);
    return NULL;
}

void template_free(struct template *template)
{
    if (template == NULL)
        return;
    free(template->text);
    free(template->nodes);
    free(template);
}

/* What names are looked for in: the item at hand, and all around it. */
struct frame {
    const json_t *value;
    const struct frame *outer;
};

struct render {
    const struct template *template;
    struct kit_text out;
    size_t limit;
    struct td_err *err;
};

static const json_t *get(const json_t *value, const char *name, size_t length)
{
    char key[NAME_BYTES + 1];

    memcpy(key, name, length); /* is_name saw to the length */
    key[length] = '\0';
    return json_object_get(value, key);
}

/* A key may have dots itself ("list.empty"), so the whole rest of a path is tried before its first
 * part. */
static const json_t *member(const json_t *value, const char *name, size_t length)
{
    const char *dot = memchr(name, '.', length);
    const json_t *found = get(value, name, length);

    if (found != NULL || dot == NULL)
        return found;
    found = get(value, name, (size_t)(dot - name));
    return found != NULL ? member(found, dot + 1, length - (size_t)(dot - name) - 1) : NULL;
}

static const json_t *find(const struct frame *frame, const struct node *node)
{
    if (node->length == 1 && node->start[0] == '.')
        return frame->value;
    for (; frame != NULL; frame = frame->outer) {
        const json_t *value = member(frame->value, node->start, node->length);

        if (value != NULL)
            return value;
    }
    return NULL;
}

static bool is_kept(const json_t *value)
{
    if (value == NULL) /* so that a template may ask for a member that is not always there */
        return false;
    switch (json_typeof(value)) {
    case JSON_FALSE:
    case JSON_NULL:
        return false;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_OBJECT:
        return json_object_size(value) > 0;
    default:
        return true;
    }
}

/* How far in the line being written begins, so that a broken value stays in line with it. */
static size_t line_indent(const struct kit_text *out)
{
    const char *line = out->data;
    const char *end = out->length > 0 ? memrchr(out->data, '\n', out->length) : NULL;

    if (out->length == 0)
        return 0;
    if (end != NULL)
        line = end + 1;
    return strspn(line, " ");
}

static int put_value(struct render *render, const struct node *node, const json_t *value)
{
    char number[40] = "";
    const char *text = number;
    size_t length;

    if (node->kind == NODE_JSON) {
        kit_write_pretty(&render->out, value, line_indent(&render->out));
        return 0;
    }
    if (json_is_array(value) || json_is_object(value))
        return fail_at(render->template, node->start, render->err,
                       "a list or an object has no text; use json for", node);
    if (json_is_integer(value))
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof(number), "%.15g", json_real_value(value));
    else if (json_is_boolean(value))
        text = json_is_true(value) ? "true" : "false";
    else if (json_is_string(value))
        text = json_string_value(value);
    length = json_is_string(value) ? json_string_length(value) : strlen(text);
    if (node->kind == NODE_HTML)
        escape_html(&render->out, text, length);
    else if (node->kind == NODE_MD)
        escape_md(&render->out, text, length);
    else
        kit_text_add(&render->out, text, length);
    return 0;
}

static int render_range(struct render *render, size_t from, size_t to, const struct frame *frame);

static int render_section(struct render *render, size_t at, const json_t *value,
                          const struct frame *frame)
{
    const struct node *node = &render->template->nodes[at];
    struct frame inner = { .value = value, .outer = frame };
    const json_t *item;
    size_t i;

    if (node->kind == NODE_INVERTED)
        return is_kept(value) ? 0 : render_range(render, at + 1, node->end, frame);
    if (!json_is_array(value))
        return is_kept(value) ? render_range(render, at + 1, node->end, &inner) : 0;
    json_array_foreach ((json_t *)value, i, item) {
        inner.value = item;
        if (render_range(render, at + 1, node->end, &inner) != 0)
            return -1;
    }
    return 0;
}

static int render_node(struct render *render, size_t at, const struct frame *frame)
{
    const struct node *node = &render->template->nodes[at];
    const json_t *value = node->kind != NODE_TEXT ? find(frame, node) : NULL;

    if (node->kind == NODE_TEXT) {
        kit_text_add(&render->out, node->start, node->length);
        return 0;
    }
    if (node->kind >= NODE_SECTION)
        return render_section(render, at, value, frame);
    if (value == NULL)
        return fail_at(render->template, node->start, render->err, "there is no value", node);
    return put_value(render, node, value);
}

static int render_range(struct render *render, size_t from, size_t to, const struct frame *frame)
{
    for (size_t at = from; at < to; at++) {
        const struct node *node = &render->template->nodes[at];

        if (render_node(render, at, frame) != 0)
            return -1;
        if (render->out.length > render->limit)
            return td_fail(render->err, TD_E_LIMIT, "%s: gives more than %zu bytes",
                           render->template->name, render->limit);
        if (node->kind == NODE_SECTION || node->kind == NODE_INVERTED)
            at = node->end;
    }
    return 0;
}

json_t *template_render(const struct template *template, const json_t *data, size_t limit_bytes,
                        struct td_err *err)
{
    struct render render = { .template = template, .limit = limit_bytes, .err = err };
    struct frame top = { .value = data };
    json_t *text = NULL;

    if (render_range(&render, 0, template->count, &top) == 0) {
        if (!render.out.failed)
            text = json_stringn(render.out.data != NULL ? render.out.data : "", render.out.length);
        if (text == NULL)
            td_fail(err, TD_E_NOMEM, "%s: could not allocate the text", template->name);
    }
    kit_text_free(&render.out);
    return text;
}
