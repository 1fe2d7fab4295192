/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wires: each provider plugin does what the rows of tests/wires/NAME.yaml say.
 */
#include "alloc_fail.h"
#include "eventstream_make.h"
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "model/model.h"

struct bed {
    struct plugin_home *home;
    struct td_services services;
    const char *name, *row; /* of the plugin; of the row that is gone through */
    struct tdh_wire *wire;
    unsigned rows, faults;
    unsigned
        starve_at; /* that allocation fails: TD_E_NOMEM is as good as what is wanted; 0: none */
    bool has_failed;
};

enum { STARVE_MAX = 5000 };

/* Around what the host does. */
static void arm(const struct bed *bed)
{
    if (bed->starve_at > 0)
        alloc_fail_at(bed->starve_at);
}

static void disarm(struct bed *bed)
{
    if (bed->starve_at > 0)
        bed->has_failed = alloc_fail_end();
}

/* --- telling --- */

static void tell(struct bed *bed, const char *what, const json_t *is, const json_t *wants)
{
    char *is_text = json_dumps(is != NULL ? is : json_null(), JSON_ENCODE_ANY | JSON_SORT_KEYS),
         *wants_text =
             json_dumps(wants != NULL ? wants : json_null(), JSON_ENCODE_ANY | JSON_SORT_KEYS);

    bed->faults++;
    print_error("%s: %s: %s is\n  %s\nwanted\n  %s\n", bed->name, bed->row, what, is_text,
                wants_text);
    free(is_text);
    free(wants_text);
}

static void tell_text(struct bed *bed, const char *what, const char *text)
{
    bed->faults++;
    print_error("%s: %s: %s: %s\n", bed->name, bed->row, what, text);
}

/* 1 and 1.0 are the same number here. */
static bool is_same(const json_t *a, const json_t *b);

static bool is_same_object(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;

    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach ((json_t *)(uintptr_t)a, key, value)
        if (json_object_get(b, key) == NULL || !is_same(value, json_object_get(b, key)))
            return false;
    return true;
}

static bool is_same(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    if (json_is_object(a) && json_is_object(b))
        return is_same_object(a, b);
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!is_same(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

static void compare(struct bed *bed, const char *what, const json_t *is, const json_t *wants)
{
    if (wants != NULL ? is == NULL || !is_same(is, wants) : is != NULL)
        tell(bed, what, is, wants);
}

/* The row says that it fails. */
static void compare_failure(struct bed *bed, const json_t *row, const struct td_err *err)
{
    const json_t *fails = json_object_get(row, "fails"),
                 *after = json_object_get(fails, "retry_after_ms"),
                 *retry = json_object_get(fails, "retry");
    const char *text = tdh_json_str(fails, "text", "");

    if (bed->starve_at > 0 && err->code == TD_E_NOMEM)
        return;
    if (fails == NULL) {
        tell_text(bed, "has failed", err->text);
        return;
    }
    if (strcmp(tdh_json_str(fails, "fault", "none"), tdh_fault_name(tdh_fault_of(err))) != 0)
        tell_text(bed, "the fault is", tdh_fault_name(tdh_fault_of(err)));
    if (strstr(err->text, text) == NULL)
        tell_text(bed, "the text is", err->text);
    if (strstr(err->hint, tdh_json_str(fails, "hint", "")) == NULL)
        tell_text(bed, "the hint is", err->hint);
    if (after != NULL && json_integer_value(after) != err->retry_after_ms)
        tell_text(bed, "another retry_after_ms", err->text);
    if (retry != NULL && json_is_true(retry) != err->is_retryable)
        tell_text(bed, err->is_retryable ? "worth a retry" : "not worth a retry", err->text);
}

static void compare_reply(struct bed *bed, const json_t *row, json_t *reply)
{
    const json_t *gives = json_object_get(row, "gives");

    if (gives == NULL && json_object_get(row, "fails") != NULL) {
        tell(bed, "no failure, but", reply, json_object_get(row, "fails"));
        return;
    }
    if (json_object_get(gives, "usage_raw") == NULL)
        json_object_del(reply, "usage_raw");
    if (gives != NULL)
        compare(bed, "the reply", reply, gives);
}

/* --- requests --- */

static json_t *headers_of(const struct tdh_outgoing *sending)
{
    json_t *list = json_array();

    for (char **header = sending->headers; header != NULL && *header != NULL; header++)
        json_array_append_new(list, json_string(*header));
    return list;
}

static void compare_sending(struct bed *bed, const json_t *row, const struct tdh_outgoing *sending)
{
    const json_t *sends = json_object_get(row, "sends");
    json_t *headers = headers_of(sending);

    if (json_object_get(sends, "headers") != NULL)
        compare(bed, "the headers", headers, json_object_get(sends, "headers"));
    if (strcmp(tdh_json_str(sends, "path", sending->path), sending->path) != 0)
        tell_text(bed, "the path is", sending->path);
    if (strcmp(tdh_json_str(sends, "method", sending->method), sending->method) != 0)
        tell_text(bed, "the method is", sending->method);
    if (json_object_get(sends, "body") != NULL)
        compare(bed, "the body", sending->body, json_object_get(sends, "body"));
    compare(bed, "what is dropped", sending->dropped, json_object_get(sends, "dropped"));
    json_decref(headers);
}

static void try_request(struct bed *bed, const json_t *row, const char *member)
{
    bool is_embed = strcmp(member, "embed") == 0;
    const json_t *given = json_object_get(row, member);
    struct tdh_outgoing sending;
    json_t *request = NULL;
    struct td_err err;
    int rc;

    arm(bed);
    rc = is_embed ? tdh_request_check_embed(given, &request, &err)
                  : tdh_request_check(given, &request, &err);
    if (rc == 0)
        rc = is_embed ? tdh_wire_embed(bed->wire, request, &sending, &err)
                      : tdh_wire_chat(bed->wire, request,
                                      json_is_true(json_object_get(row, "stream")), &sending, &err);
    disarm(bed);
    if (rc != 0)
        compare_failure(bed, row, &err);
    else {
        if (json_object_get(row, "fails") != NULL)
            tell(bed, "no failure, but", sending.body, json_object_get(row, "fails"));
        compare_sending(bed, row, &sending);
        tdh_outgoing_end(&sending);
    }
    json_decref(request);
}

/* --- replies --- */

/* A text stands for itself. */
static char *body_of(const json_t *value)
{
    return json_is_string(value) ? strdup(json_string_value(value))
                                 : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void try_reply(struct bed *bed, const json_t *row, const char *member)
{
    char *body = body_of(json_object_get(row, member));
    json_t *reply;
    struct td_err err;
    int rc;

    arm(bed);
    rc =
        tdh_wire_reply(bed->wire, strcmp(member, "vectors") == 0, body, strlen(body), &reply, &err);
    disarm(bed);
    if (rc != 0)
        compare_failure(bed, row, &err);
    else {
        compare_reply(bed, row, reply);
        json_decref(reply);
    }
    free(body);
}

static void try_failure(struct bed *bed, const json_t *row, const char *member)
{
    const json_t *failure = json_object_get(row, member), *body = json_object_get(failure, "body");
    char *text = body != NULL ? body_of(body) : strdup(tdh_json_str(failure, "text", ""));
    struct td_err err = { .code = TD_OK };

    arm(bed);
    tdh_wire_failure(bed->wire, (unsigned)json_integer_value(json_object_get(failure, "status")),
                     json_object_get(failure, "headers"), text, strlen(text), &err);
    disarm(bed);
    compare_failure(bed, row, &err);
    free(text);
}

/* --- streams --- */

struct list {
    struct td_sink sink;
    json_t *deltas;
};

static int take(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    const struct list *list = (const struct list *)sink;

    (void)err;
    json_array_append_new(list->deltas, tdh_delta_json(delta));
    return 0;
}

static int feed(struct tdh_stream *stream, const char *bytes, size_t length, size_t step,
                struct td_err *err)
{
    for (size_t i = 0; i < length; i += step)
        if (tdh_stream_feed(stream, bytes + i, length - i < step ? length - i : step, err) != 0)
            return -1;
    return tdh_stream_end(stream, err);
}

static void try_stream_by(struct bed *bed, const json_t *row, const struct tdh_buf *bytes,
                          size_t step)
{
    struct list list = { { .size = sizeof(list.sink), .take = take }, json_array() };
    struct tdh_gather *gather;
    struct tdh_stream *stream = NULL;
    json_t *reply = NULL;
    struct td_err err;
    bool is_starved = bed->starve_at > 0;
    int rc = -1;

    arm(bed);
    gather = tdh_gather_new(is_starved ? NULL : &list.sink, &err);
    if (gather != NULL)
        stream = tdh_stream_new(bed->wire, tdh_gather_sink(gather), &err);
    if (stream != NULL)
        rc = feed(stream, bytes->data, bytes->length, step, &err);
    if (rc == 0 && (reply = tdh_gather_reply(gather)) == NULL)
        rc = td_fail(&err, TD_E_NOMEM, "no memory");
    disarm(bed);
    if (rc != 0)
        compare_failure(bed, row, &err);
    else
        compare_reply(bed, row, reply);
    if (json_object_get(row, "deltas") != NULL && !is_starved)
        compare(bed, "the list of deltas", list.deltas, json_object_get(row, "deltas"));
    json_decref(reply);
    tdh_stream_free(stream);
    tdh_gather_free(gather);
    json_decref(list.deltas);
}

/* A row's events as messages of an event stream: {event, exception or error: NAME, body}. */
static void write_events(const json_t *events, struct tdh_buf *bytes)
{
    static const char *const kinds_of_event[][2] = { { "event", ":event-type" },
                                                     { "exception", ":exception-type" },
                                                     { "error", ":error-code" } };
    const json_t *event;
    size_t i;

    json_array_foreach (events, i, event) {
        const json_t *body = json_object_get(event, "body");
        char *text = body != NULL ? body_of(body) : strdup("");
        struct tdh_buf headers = { 0 };

        for (size_t j = 0; j < 3; j++) {
            const char *name = tdh_json_str(event, kinds_of_event[j][0], NULL);

            if (name == NULL)
                continue;
            eventstream_header(&headers, kinds_of_event[j][1], name);
            eventstream_header(&headers, ":content-type", "application/json");
            eventstream_header(&headers, ":message-type", j == 0 ? "event" : kinds_of_event[j][0]);
        }
        if (json_object_get(event, "message") != NULL)
            eventstream_header(&headers, ":error-message", tdh_json_str(event, "message", ""));
        eventstream_message(bytes, &headers, text, strlen(text));
        tdh_buf_free(&headers);
        free(text);
    }
}

static void try_stream(struct bed *bed, const json_t *row, const char *member)
{
    const char *text = tdh_json_str(row, member, "");
    struct tdh_buf bytes = { 0 };

    if (strcmp(member, "stream_hex") == 0)
        eventstream_hex(&bytes, text);
    else if (strcmp(member, "events") == 0)
        write_events(json_object_get(row, member), &bytes);
    else
        tdh_buf_text(&bytes, text);
    try_stream_by(bed, row, &bytes, bytes.length > 0 ? bytes.length : 1);
    if (bed->starve_at == 0)
        try_stream_by(bed, row, &bytes, 1);
    tdh_buf_free(&bytes);
}

/* --- without memory --- */

/* Each allocation fails once: then the row fails for want of memory, and never comes to something
 * else. */
static void starve(struct bed *bed, const json_t *row, const char *member,
                   void (*try)(struct bed *bed, const json_t *row, const char *member))
{
    unsigned faults = bed->faults;

    bed->has_failed = true;
    for (unsigned n = 1; bed->has_failed && n < STARVE_MAX && bed->faults == faults; n++) {
        bed->starve_at = n;
        try(bed, row, member);
    }
    bed->starve_at = 0;
}

/* --- rows --- */

static const struct {
    const char *member;
    void (*try)(struct bed *bed, const json_t *row, const char *member);
} kinds[] = {
    { "chat", try_request },  { "embed", try_request },   { "reply", try_reply },
    { "vectors", try_reply }, { "failure", try_failure }, { "stream_hex", try_stream },
    { "stream", try_stream }, { "events", try_stream },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void try_row(struct bed *bed, struct tdh_plugin *plugin, const json_t *row)
{
    struct td_err err;
    size_t i = 0;

    bed->row = tdh_json_str(row, "name", "a row without a name");
    bed->wire =
        tdh_wire_new(plugin, &bed->services, bed->name, json_object_get(row, "options"), &err);
    while (i < KINDS && json_object_get(row, kinds[i].member) == NULL)
        i++;
    if (bed->wire == NULL)
        compare_failure(bed, row, &err);
    else if (i == KINDS)
        tell_text(bed, "the row", "gives nothing");
    else {
        kinds[i].try(bed, row, kinds[i].member);
        if (kinds[i].try != try_failure) /* which tells what it can */
            starve(bed, row, kinds[i].member, kinds[i].try);
    }
    tdh_wire_free(bed->wire);
    bed->rows++;
}

static void try_file(struct bed *bed, const char *name)
{
    char path[512];
    struct tdh_plugin *plugin;
    struct tdh_yaml *yaml;
    struct td_err err;
    const json_t *row;
    size_t i;

    bed->name = name;
    snprintf(path, sizeof(path), TEST_SRCDIR "/tests/wires/%s.yaml", name);
    yaml = tdh_yaml_read(path, &err);
    if (yaml == NULL) {
        fail_msg("%s", err.text);
        return;
    }
    plugin = tdh_plugins_load(bed->home->plugins, TD_KIND_PROVIDER, name, &err);
    if (plugin == NULL)
        fail_msg("%s", err.text);
    json_array_foreach (yaml->root, i, row)
        try_row(bed, plugin, row);
    tdh_yaml_free(yaml);
}

static void each_wire_does_what_its_rows_say(void **state)
{
    struct bed bed = { .home = *state };
    static const char root[] = TEST_BUILDDIR "/plugins-tree";
    static const char *const roots[] = { root, NULL };
    DIR *folder = opendir(TEST_SRCDIR "/tests/wires");
    struct dirent *file;

    assert_non_null(folder);
    bed.home->options.roots = roots;
    bed.home->options.inline_roots = roots;
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    while ((file = readdir(folder)) != NULL) {
        size_t length = strlen(file->d_name);
        char name[64];

        if (length < 6 || strcmp(file->d_name + length - 5, ".yaml") != 0)
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(length - 5), file->d_name);
        try_file(&bed, name);
    }
    closedir(folder);
    print_message("%u rows\n", bed.rows);
    assert_int_equal(bed.faults, 0);
    assert_true(bed.rows > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { PLUGIN_HOME_TEST(each_wire_does_what_its_rows_say) };

    alloc_fail_setup();
    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
