/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix_html: the compatibility matrix as a page that needs nothing else: no script, no other
 * file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/matrix.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>tdev: compatibility matrix</title>\n<style>\n"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}\n"
    "table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}\n"
    "th,td{border-bottom:1px solid #d5d9de;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}\n"
    "td{overflow-wrap:anywhere}\n"
    ".allow{color:#14602f}.deprecated,.unknown{color:#7a4a00}.block,.refused{color:#a31515}\n"
    "@media(prefers-color-scheme:dark){body{color:#e4e7eb;background:#15181c}"
    "th,td{border-color:#3a4049}.allow{color:#7ad69a}.deprecated,.unknown{color:#f0c070}"
    ".block,.refused{color:#ff9a9a}}\n"
    "</style>\n</head>\n<body>\n<h1>Compatibility matrix</h1>\n";

/* One column: what stands above it, and which member it shows. */
struct column {
    const char *title, *key;
};
static const struct column rule_columns[] = {
    { "Line", "line" },       { "Plugin", "plugin" }, { "Version", "version" },
    { "With", "with" },       { "Host", "host" },     { "SDK", "sdk" },
    { "Verdict", "verdict" }, { "Reason", "reason" }, { "Use", "replaced_by" },
    { "Since", "since" },     { "Until", "until" },   { NULL, NULL },
};
static const struct column plugin_columns[] = {
    { "Plugin", "name" }, { "Kind", "kind" }, { "Version", "version" },
    { "SDK", "sdk" },     { "ABI", "abi" },   { "Verdict", "verdict" },
    { "Line", "line" },   { "Why", "why" },   { NULL, NULL },
};

static const struct column pair_columns[] = {
    { "Plugin", "plugin" }, { "Version", "version" }, { "With", "with" }, { "Verdict", "verdict" },
    { "Line", "line" },     { "Why", "why" },         { NULL, NULL },
};

/* A verdict is one of five words of our own, and good as a class. */
static void add_cell(struct tdh_buf *buf, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (strcmp(key, "verdict") == 0)
        tdh_buf_printf(buf, "<td class=\"%s\">", tdh_json_str(row, key, ""));
    else
        tdh_buf_text(buf, "<td>");
    if (json_is_string(value))
        tdh_buf_xml(buf, json_string_value(value));
    else if (json_is_object(value)) { /* another plugin */
        tdh_buf_xml(buf, tdh_json_str(value, "plugin", ""));
        tdh_buf_char(buf, ' ');
        tdh_buf_xml(buf, tdh_json_str(value, "version", ""));
    } else if (json_is_integer(value))
        tdh_buf_int(buf, json_integer_value(value));
    tdh_buf_text(buf, "</td>");
}

static void add_table(struct tdh_buf *buf, const char *id, const struct column *columns,
                      const json_t *rows)
{
    const json_t *row;
    size_t i;

    tdh_buf_printf(buf, "<table id=\"%s\">\n<thead><tr>", id);
    for (const struct column *column = columns; column->title != NULL; column++)
        tdh_buf_printf(buf, "<th scope=\"col\">%s</th>", column->title);
    tdh_buf_text(buf, "</tr></thead>\n<tbody>\n");
    json_array_foreach (rows, i, row) {
        tdh_buf_text(buf, "<tr>");
        for (const struct column *column = columns; column->title != NULL; column++)
            add_cell(buf, row, column->key);
        tdh_buf_text(buf, "</tr>\n");
    }
    tdh_buf_text(buf, "</tbody>\n</table>\n");
}

static void add_page(struct tdh_buf *buf, const json_t *matrix)
{
    const json_t *on = json_object_get(matrix, "on"), *rules = json_object_get(matrix, "rules");

    tdh_buf_text(buf, head);
    tdh_buf_text(buf, "<p>tdev ");
    tdh_buf_xml(buf, tdh_json_str(on, "host", ""));
    tdh_buf_text(buf, " with SDK ");
    tdh_buf_xml(buf, tdh_json_str(on, "sdk", ""));
    tdh_buf_text(buf, ", ");
    tdh_buf_xml(buf, tdh_json_str(on, "day", ""));
    tdh_buf_text(buf, "</p>\n<h2>Rules</h2>\n<p>The first one that fits decides.</p>\n");
    if (json_array_size(rules) > 0)
        add_table(buf, "rules", rule_columns, rules);
    else
        tdh_buf_text(buf, "<p>No rules: every plugin that fits by its manifest may load.</p>\n");
    tdh_buf_text(buf, "<h2>Plugins</h2>\n");
    add_table(buf, "plugins", plugin_columns, json_object_get(matrix, "plugins"));
    if (json_array_size(json_object_get(matrix, "pairs")) > 0) {
        tdh_buf_text(buf, "<h2>Pairs</h2>\n");
        add_table(buf, "pairs", pair_columns, json_object_get(matrix, "pairs"));
    }
    tdh_buf_text(buf, "</body>\n</html>\n");
}

int tdh_matrix_html(const json_t *matrix, const char *path, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    int rc;

    add_page(&buf, matrix);
    rc = buf.failed ? td_fail(err, TD_E_NOMEM, "could not allocate the page of the matrix")
                    : tdh_file_write(path, buf.data, buf.length, 0644, err);
    tdh_buf_free(&buf);
    return rc;
}
