/* SPDX-License-Identifier: Apache-2.0 */
/*
 * print: the settings as YAML and as JSON, and the reference of all of them, from the same table.
 */
#include <stdio.h>
#include <string.h>

#include "conf/internal.h"

static const char *const kinds[] = {
    [TDH_CONF_DEFAULT] = "default",
    [TDH_CONF_FILE] = "file",
    [TDH_CONF_PROFILE] = "profile",
    [TDH_CONF_ENV] = "environment",
};

/* "default", "/etc/tdev/tdevd.yaml:3", "environment: TDEV_LOG_LEVEL" */
static const char *origin_text(const struct tdh_conf_origin *from, char *text, size_t size)
{
    if (from->kind == TDH_CONF_DEFAULT)
        snprintf(text, size, "default");
    else if (from->kind == TDH_CONF_ENV)
        snprintf(text, size, "environment: %s", from->name);
    else if (from->kind == TDH_CONF_PROFILE)
        snprintf(text, size, "profile: %s:%u", from->name, from->line);
    else
        snprintf(text, size, "%s:%u", from->name, from->line);
    return text;
}

static void print_row(const struct tdh_conf *conf, enum tdh_conf_key key, struct tdh_buf *buf)
{
    char origin[4200];
    const struct tdh_conf_value *value = &conf->values[key];
    json_t *json = tdh_conf_value_json(&tdh_conf_rows[key], value);
    size_t start = buf->length;

    tdh_buf_printf(buf, "  %s: ", tdh_conf_rows[key].key);
    if (json == NULL)
        buf->failed = true;
    else
        tdh_buf_json(buf, json, 0);
    for (size_t width = buf->length - start; width < 39; width++)
        tdh_buf_char(buf, ' ');
    tdh_buf_printf(buf, " # %s%s\n", origin_text(&value->from, origin, sizeof(origin)),
                   conf->is_pending[key] ? ", differs now and takes a restart" : "");
    json_decref(json);
}

void tdh_conf_print(const struct tdh_conf *conf, struct tdh_buf *buf)
{
    const char *section = "";

    if (conf->file != NULL)
        tdh_buf_printf(buf, "# file: %s\n", conf->file);
    if (conf->profile != NULL)
        tdh_buf_printf(buf, "# profile: %s\n", conf->profile);
    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        if (strcmp(section, tdh_conf_rows[key].section) != 0) {
            section = tdh_conf_rows[key].section;
            tdh_buf_printf(buf, "%s:\n", section);
        }
        print_row(conf, key, buf);
    }
}

static json_t *row_json(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    char origin[4200];
    const struct tdh_conf_row *row = &tdh_conf_rows[key];
    const struct tdh_conf_value *value = &conf->values[key];

    return json_pack("{s:o, s:s, s:s, s:b, s:b}", "value", tdh_conf_value_json(row, value), "from",
                     origin_text(&value->from, origin, sizeof(origin)), "layer",
                     kinds[value->from.kind], "is_reloadable",
                     (row->flags & TDH_CONF_RELOADABLE) != 0, "is_pending",
                     (int)conf->is_pending[key]);
}

json_t *tdh_conf_json(const struct tdh_conf *conf)
{
    json_t *root = json_object();

    for (enum tdh_conf_key key = 0; root != NULL && key < TDH_CONF_KEYS_; key++) {
        const struct tdh_conf_row *row = &tdh_conf_rows[key];
        json_t *section = json_object_get(root, row->section);

        if (section == NULL) {
            section = json_object();
            if (json_object_set_new(root, row->section, section) != 0)
                section = NULL;
        }
        if (section == NULL || json_object_set_new(section, row->key, row_json(conf, key)) != 0) {
            json_decref(root);
            return NULL;
        }
    }
    return root;
}

/* What values the row takes, in words. */
static void print_allowed(const struct tdh_conf_row *row, struct tdh_buf *buf)
{
    char range[80];

    switch (row->type) {
    case TDH_CONF_INT:
        tdh_buf_text(buf, tdh_conf_range_print(row, range, sizeof(range)));
        break;
    case TDH_CONF_SIZE:
    case TDH_CONF_DURATION:
        tdh_buf_printf(buf, "%s, %s", tdh_conf_type_name(row->type),
                       tdh_conf_range_print(row, range, sizeof(range)));
        break;
    case TDH_CONF_CHOICE:
        for (const char *at = row->choices; *at != '\0'; at++)
            if (*at == '|')
                tdh_buf_text(buf, ", ");
            else
                tdh_buf_char(buf, *at);
        break;
    default:
        tdh_buf_text(buf, tdh_conf_type_name(row->type));
        break;
    }
}

static void print_default(const struct tdh_conf_row *row, struct tdh_buf *buf)
{
    if (row->place != NULL)
        tdh_buf_text(buf, row->place);
    else if (row->fallback[0] == '\0')
        tdh_buf_text(buf, "none");
    else if (row->embedded != NULL)
        tdh_buf_printf(buf, "`%s` for a daemon, else `%s`", row->fallback, row->embedded);
    else
        tdh_buf_printf(buf, "`%s`%s", row->fallback,
                       row->flags & TDH_CONF_IN_STATE ? " in `state.dir`" : "");
}

static void print_reference_row(const struct tdh_conf_row *row, struct tdh_buf *buf)
{
    tdh_buf_printf(buf, "| `%s` | ", row->key);
    print_allowed(row, buf);
    tdh_buf_text(buf, " | ");
    print_default(row, buf);
    tdh_buf_printf(buf, " | %s | %s%s |\n", row->flags & TDH_CONF_RELOADABLE ? "reload" : "restart",
                   row->text, row->flags & TDH_CONF_SECRET ? "; secret" : "");
}

void tdh_conf_reference(struct tdh_buf *buf)
{
    tdh_buf_text(
        buf,
        "<!-- Made from host/conf/rows.c by `tdev config reference`; a test compares the two. -->\n"
        "# Settings\n\n"
        "How files, profiles and the environment come together: [conf.md](conf.md). \"reload\" "
        "can\n"
        "take effect while a host runs, \"restart\" with its next start. The variable of a setting "
        "is\n"
        "`TDEV_SECTION_KEY`.\n");
    for (size_t i = 0; i < tdh_conf_sections_count; i++) {
        tdh_buf_printf(
            buf,
            "\n## %s\n\n%s\n\n| key | takes | default | changes by | meaning |\n| --- | --- | --- "
            "| --- | --- |\n",
            tdh_conf_sections[i].name, tdh_conf_sections[i].text);
        for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++)
            if (strcmp(tdh_conf_rows[key].section, tdh_conf_sections[i].name) == 0)
                print_reference_row(&tdh_conf_rows[key], buf);
    }
}
