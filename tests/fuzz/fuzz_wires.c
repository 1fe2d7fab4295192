/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wires: what a provider sends, whatever it is, becomes a reply or a failure with its reason.
 *
 * The first byte chooses a wire with its options, the second what the rest is: a stream, a reply,
 * vectors, a failure, a request. A stream comes to the same however it is divided. What is a reply
 * is good as an earlier message of the next request. The plugins are loaded as they are built.
 */
#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "model/model.h"

static const struct {
    const char *name, *options;
} rows[] = {
    /* a digit, ':' and ';' are the first byte of each in the seeds: so there are 12 */
    { "ollama", "{}" },
    { "ollama", "{\"think\":\"levels\",\"schema\":\"json\",\"num_ctx\":9,\"keep_alive\":\"5m\"}" },
    { "cohere-v2", "{}" },
    { "cohere-v2", "{\"plan\":false,\"count\":\"billed\"}" },
    { "openai-responses", "{}" },
    { "openai-responses", "{\"store\":\"yes\",\"system\":\"developer\",\"summary\":\"auto\"}" },
    { "openai-chat", "{}" },
    { "openai-chat",
      "{\"tool_ids\":\"nine\",\"thoughts\":\"reasoning\",\"reasoning\":\"object\"}" },
    { "anthropic-messages", "{}" },
    { "gemini", "{}" },
    { "bedrock-converse", "{}" },
    { "bedrock-converse", "{\"family\":\"anthropic\",\"thoughts\":\"all\",\"cache\":\"1h\"}" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* --- the wires --- */

static struct tdh_plugins *plugins;
static struct tdh_wire *wires[ROWS];
static char private_dir[] = "/tmp/tdev-fuzz-XXXXXX";

static void stop(const struct td_err *err)
{
    fprintf(stderr, "%s\n", err->text);
    abort();
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

static void end_wires(void)
{
    for (size_t i = 0; i < ROWS; i++)
        tdh_wire_free(wires[i]);
    tdh_plugins_free(plugins);
    nftw(private_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void open_wire(size_t i, const struct td_services *services)
{
    struct td_err err;
    json_t *options = json_loads(rows[i].options, 0, NULL);
    struct tdh_plugin *plugin = tdh_plugins_load(plugins, TD_KIND_PROVIDER, rows[i].name, &err);

    if (plugin == NULL)
        stop(&err);
    wires[i] = tdh_wire_new(plugin, services, rows[i].name, options, &err);
    if (wires[i] == NULL)
        stop(&err);
    json_decref(options);
}

static void open_wires(void)
{
    static const char *const roots[] = { TEST_BUILDDIR "/plugins-tree", NULL };
    static struct td_services services;
    struct tdh_plugins_options options = { .roots = roots, .inline_roots = roots };
    struct td_err err;

    options.private_dir = mkdtemp(private_dir);
    plugins = tdh_plugins_new(&options, &err);
    if (plugins == NULL)
        stop(&err);
    tdh_ctx_fill(&services);
    for (size_t i = 0; i < ROWS; i++)
        open_wire(i, &services);
    atexit(end_wires);
}

/* --- what must hold --- */

static void check_failure(const struct td_err *err)
{
    assert(err->text[0] != '\0' && err->code != TD_OK && err->code != TD_E_INTERNAL);
}

/* Too deep for a body, or too long for a path, is the one reason not to send it. */
static void check_chat(const struct tdh_wire *wire, const json_t *request)
{
    for (int is_stream = 0; is_stream < 2; is_stream++) {
        struct tdh_outgoing outgoing;
        struct td_err err;

        if (tdh_wire_chat(wire, request, is_stream, &outgoing, &err) == 0) {
            assert(json_is_object(outgoing.body) && outgoing.path[0] == '/');
            tdh_outgoing_end(&outgoing);
        } else {
            check_failure(&err);
            assert(strstr(err.text, "cannot be sent") != NULL || err.code == TD_E_UNSUPPORTED ||
                   strstr(err.text, "makes a path longer") != NULL);
        }
    }
}

static void check_reply(const struct tdh_wire *wire, const json_t *reply)
{
    json_t *next = json_pack("{s:s, s:[{s:s, s:s}, {s:s, s:O}]}", "model", "m", "messages", "role",
                             "user", "text", "q", "role", "assistant", "parts",
                             json_object_get(reply, "parts")),
           *checked;
    struct td_err err;

    assert(next != NULL);
    if (tdh_request_check(next, &checked, &err) != 0)
        stop(&err);
    check_chat(wire, checked);
    json_decref(checked);
    json_decref(next);
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

static int feed(struct tdh_stream *stream, const char *text, size_t length, size_t step,
                struct td_err *err)
{
    for (size_t i = 0; i < length; i += step)
        if (tdh_stream_feed(stream, text + i, length - i < step ? length - i : step, err) != 0)
            return -1;
    return tdh_stream_end(stream, err);
}

/* All deltas, and behind them null, or why it failed. new */
static json_t *read_by(const struct tdh_wire *wire, const char *text, size_t length, size_t step)
{
    struct list list = { { .size = sizeof(list.sink), .take = take }, json_array() };
    struct td_err err;
    struct tdh_gather *gather = tdh_gather_new(&list.sink, &err);
    struct tdh_stream *stream = tdh_stream_new(wire, tdh_gather_sink(gather), &err);

    assert(stream != NULL);
    if (feed(stream, text, length, step, &err) != 0) {
        check_failure(&err);
        json_array_append_new(list.deltas, json_string(err.text));
    } else {
        json_t *reply = tdh_gather_reply(gather);

        assert(reply != NULL);
        check_reply(wire, reply);
        json_decref(reply);
        json_array_append_new(list.deltas, json_null());
    }
    tdh_stream_free(stream);
    tdh_gather_free(gather);
    return list.deltas;
}

static void try_stream(const struct tdh_wire *wire, const char *text, size_t length, size_t more)
{
    json_t *whole = read_by(wire, text, length, length > 0 ? length : 1),
           *pieces = read_by(wire, text, length, more + 1);

    assert(json_equal(whole, pieces));
    json_decref(whole);
    json_decref(pieces);
}

/* --- the others --- */

static void try_reply(const struct tdh_wire *wire, const char *text, size_t length, size_t more)
{
    struct td_err err;
    json_t *reply;

    (void)more;
    if (tdh_wire_reply(wire, false, text, length, &reply, &err) != 0) {
        check_failure(&err);
        return;
    }
    check_reply(wire, reply);
    json_decref(reply);
}

static void try_vectors(const struct tdh_wire *wire, const char *text, size_t length, size_t more)
{
    struct td_err err;
    json_t *reply;

    (void)more;
    if (!tdh_wire_has_embeddings(wire))
        return;
    if (tdh_wire_reply(wire, true, text, length, &reply, &err) != 0)
        check_failure(&err);
    else
        json_decref(reply);
}

/* {status, headers, body}, or the bytes as a body. */
static void try_failure(const struct tdh_wire *wire, const char *text, size_t length, size_t more)
{
    struct td_err err = { .code = TD_OK };
    json_t *given = tdh_json_parse(text, length, "seed", &err),
           *body = json_object_get(given, "body"), *status = json_object_get(given, "status");
    char *shown = body != NULL ? json_dumps(body, JSON_ENCODE_ANY) : NULL;

    err.retry_after_ms = 0;
    tdh_wire_failure(wire,
                     json_is_integer(status) ? (unsigned)json_integer_value(status) % 1000
                                             : (unsigned)(400 + more),
                     json_object_get(given, "headers"), shown != NULL ? shown : text,
                     shown != NULL ? strlen(shown) : length, &err);
    check_failure(&err);
    assert(tdh_fault_of(&err) != TD_FAULT_NONE);
    free(shown);
    json_decref(given);
}

static void try_embed(const struct tdh_wire *wire, const json_t *given)
{
    struct tdh_outgoing outgoing;
    struct td_err err;
    json_t *request;

    if (tdh_request_check_embed(given, &request, &err) != 0)
        return;
    if (tdh_wire_embed(wire, request, &outgoing, &err) == 0)
        tdh_outgoing_end(&outgoing);
    else
        check_failure(&err);
    json_decref(request);
}

static void try_request(const struct tdh_wire *wire, const char *text, size_t length, size_t more)
{
    struct td_err err;
    json_t *given = tdh_json_parse(text, length, "seed", &err), *request;

    (void)more;
    if (given == NULL)
        return;
    try_embed(wire, given);
    if (tdh_request_check(given, &request, &err) == 0) {
        check_chat(wire, request);
        json_decref(request);
    }
    json_decref(given);
}

typedef void try_fn(const struct tdh_wire *wire, const char *text, size_t length, size_t more);
static try_fn *const kinds[] = { try_stream, try_reply, try_vectors, try_failure, try_request };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text;

    if (size < 2)
        return 0;
    if (plugins == NULL)
        open_wires();
    text = calloc(1, size - 1); /* with a NUL behind the rest */
    assert(text != NULL);
    memcpy(text, bytes + 2, size - 2);
    kinds[bytes[1] % KINDS](wires[bytes[0] % ROWS], text, size - 2, bytes[1] / KINDS);
    free(text);
    return 0;
}
