/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html: reads the tags of a page and their attributes, and passes over text, comments and raw text.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check.h"
#include "kit/json.h"
#include "kit/path.h"
#include "source.h"

struct page {
    struct source source;
    const json_t *files;
    json_t *refs;   /* of scripts and styles; may be NULL */
    json_t *ids;    /* id -> line */
    json_t *labels; /* id a label is for -> line */
};

struct attribute {
    char name[32];
    char value[KIT_PATH_LENGTH + 1]; /* cut when longer: no path that is there can be */
};

static int note(struct page *page, json_t *table, const char *id)
{
    return kit_put(table, id, json_integer((json_int_t)page->source.line), page->source.err);
}

static int add_id(struct page *page, const char *id)
{
    const json_t *before = json_object_get(page->ids, id);

    if (before != NULL)
        return source_fail(&page->source, page->source.line,
                           "the id \"%s\" is that of line %" JSON_INTEGER_FORMAT ", too", id,
                           json_integer_value(before));
    return note(page, page->ids, id);
}

/* Does a reference leave the project, or stay on the page? */
static bool is_outside(const char *ref)
{
    size_t scheme =
        strspn(ref, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    return ref[0] == '\0' || ref[0] == '#' || strncmp(ref, "//", 2) == 0 ||
           (scheme > 0 && ref[scheme] == ':');
}

/* The path of a reference seen from the project's root: "a/b.html" and "../c.js" give "c.js". */
static void resolve(const char *page, const char *ref, char *ret_path, size_t size)
{
    const char *slash = strrchr(page, '/');
    size_t length = ref[0] == '/' || slash == NULL ? 0 : (size_t)(slash - page);
    size_t wanted = strcspn(ref, "?#");
    const char *end = ref + wanted;

    memcpy(ret_path, page, length);
    while (ref < end) {
        size_t part = strcspn(ref, "/?#");

        if (part == 2 && ref[0] == '.' && ref[1] == '.') {
            while (length > 0 && ret_path[length - 1] != '/')
                length--;
            length -= length > 0;
        } else if (part > 0 && !(part == 1 && ref[0] == '.') && length + part + 2 < size) {
            if (length > 0)
                ret_path[length++] = '/';
            memcpy(ret_path + length, ref, part);
            length += part;
        }
        ref += part + (ref + part < end);
    }
    ret_path[length] = '\0';
}

static int add_ref(struct page *page, const char *tag, const char *ref)
{
    char path[2 * KIT_PATH_LENGTH + 4];

    if (is_outside(ref))
        return 0;
    resolve(page->source.path, ref, path, sizeof(path));
    if (kit_list_find(page->files, "path", path) == NULL)
        return source_fail(&page->source, page->source.line,
                           "\"%s\" names the file \"%s\", which is not there", ref, path);
    if (page->refs == NULL || (strcmp(tag, "script") != 0 && strcmp(tag, "link") != 0))
        return 0;
    return kit_push(page->refs, json_string(path), page->source.err);
}

static int use_attribute(struct page *page, const char *tag, const struct attribute *attribute)
{
    if (strcmp(attribute->name, "id") == 0)
        return add_id(page, attribute->value);
    if (strcmp(attribute->name, "for") == 0 && strcmp(tag, "label") == 0)
        return note(page, page->labels, attribute->value);
    if (strcmp(attribute->name, "src") == 0 || strcmp(attribute->name, "href") == 0)
        return add_ref(page, tag, attribute->value);
    return 0;
}

static void copy_cut(char *to, size_t size, const char *from, size_t length)
{
    length = length < size ? length : size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)tolower((unsigned char)*text);
}

static void skip_blanks(struct source *source)
{
    while (source->at < source->stop && memchr(" \t\r\n\f", *source->at, 5) != NULL)
        source_skip(source, 1);
}

static size_t run_until(const struct source *source, const char *ends)
{
    size_t count = strlen(ends); /* a NUL byte is text, not the end of the list */
    size_t length = 0;

    while (source->at + length < source->stop && memchr(ends, source->at[length], count) == NULL)
        length++;
    return length;
}

static int read_value(struct source *source, struct attribute *attribute)
{
    char quote[2] = { source_peek(source, 0), '\0' };
    bool is_quoted = quote[0] == '"' || quote[0] == '\'';
    size_t line = source->line;
    size_t length;

    if (is_quoted)
        source_skip(source, 1);
    length = run_until(source, is_quoted ? quote : " \t\r\n\f>");
    copy_cut(attribute->value, sizeof(attribute->value), source->at, length);
    source_skip(source, length);
    if (is_quoted && source->at == source->stop)
        return source_fail(source, line, "the value of attribute \"%s\" is not ended",
                           attribute->name);
    if (is_quoted)
        source_skip(source, 1);
    return 0;
}

static int read_attribute(struct page *page, const char *tag)
{
    struct source *source = &page->source;
    struct attribute attribute = { .value = "" };
    size_t length = run_until(source, " \t\r\n\f=>/");

    if (length == 0) { /* a "/", or a "=" out of place */
        source_skip(source, 1);
        return 0;
    }
    copy_cut(attribute.name, sizeof(attribute.name), source->at, length);
    lower(attribute.name);
    source_skip(source, length);
    skip_blanks(source);
    if (source_peek(source, 0) == '=') {
        source_skip(source, 1);
        skip_blanks(source);
        if (read_value(source, &attribute) != 0)
            return -1;
    }
    return use_attribute(page, tag, &attribute);
}

/* script, style, title and textarea hold text up to their own end tag. */
static int skip_raw_text(struct page *page, const char *tag)
{
    static const char *const raw[] = { "script", "style", "title", "textarea" };
    struct source *source = &page->source;
    size_t line = source->line;
    bool is_raw = false;

    for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
        is_raw = is_raw || strcmp(raw[i], tag) == 0;
    if (!is_raw)
        return 0;
    for (; source->at < source->stop; source_skip(source, 1))
        if (source_peek(source, 0) == '<' && source_peek(source, 1) == '/' &&
            (size_t)(source->stop - source->at) > strlen(tag) + 2 &&
            strncasecmp(source->at + 2, tag, strlen(tag)) == 0)
            return 0;
    return source_fail(source, line, "<%s> is not ended", tag);
}

static int read_tag(struct page *page)
{
    struct source *source = &page->source;
    size_t line = source->line;
    char tag[32];
    size_t length;

    source_skip(source, 1);
    length = run_until(source, " \t\r\n\f>/");
    copy_cut(tag, sizeof(tag), source->at, length);
    lower(tag);
    source_skip(source, length);
    for (skip_blanks(source); source->at < source->stop && *source->at != '>'; skip_blanks(source))
        if (read_attribute(page, tag) != 0)
            return -1;
    if (source->at == source->stop)
        return source_fail(source, line, "the tag <%s> is not ended", tag);
    source_skip(source, 1);
    return skip_raw_text(page, tag);
}

static int read_comment(struct source *source)
{
    const char *end = memmem(source->at, (size_t)(source->stop - source->at), "-->", 3);

    if (end == NULL)
        return source_fail(source, source->line, "a comment is not ended");
    source_skip(source, (size_t)(end - source->at) + 3);
    return 0;
}

static int read_markup(struct page *page)
{
    struct source *source = &page->source;
    char next = source_peek(source, 1);

    if (next == '!' && source_peek(source, 2) == '-' && source_peek(source, 3) == '-')
        return read_comment(source);
    if (isalpha((unsigned char)next))
        return read_tag(page);
    source_skip(source, next == '/' || next == '!' ? run_until(source, ">") : 1);
    return 0;
}

static int check_labels(struct page *page)
{
    const char *id;
    json_t *line;

    json_object_foreach (page->labels, id, line)
        if (json_object_get(page->ids, id) == NULL)
            return source_fail(&page->source, (size_t)json_integer_value(line),
                               "a label is for \"%s\", but nothing has this id", id);
    return 0;
}

int check_html(const char *path, const char *text, size_t length, const json_t *files,
               json_t *ret_refs, struct td_err *err)
{
    struct page page = {
        .files = files, .refs = ret_refs, .ids = json_object(), .labels = json_object()
    };
    int rc = 0;

    source_begin(&page.source, path, text, length, err);
    if (page.ids == NULL || page.labels == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the ids of \"%s\"", path);
    while (rc == 0 && page.source.at < page.source.stop) {
        if (*page.source.at == '<')
            rc = read_markup(&page);
        else
            source_skip(&page.source, run_until(&page.source, "<"));
    }
    if (rc == 0)
        rc = check_labels(&page);
    json_decref(page.ids);
    json_decref(page.labels);
    return rc;
}
