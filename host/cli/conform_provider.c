/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_provider: the rules for providers: a wire is pure, says what it is given or tells what it
 * leaves out, and takes nothing for a reply that is none.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/conform.h"

#define TOOL                                                                                       \
    "{\"name\":\"f\",\"description\":\"d\",\"input\":{\"type\":\"object\",\"properties\":{}}}"

/* Of all sorts. What a wire cannot say as a whole it may refuse, with a reason. */
static const char *const requests[] = {
    "{\"prompt\":\"hi\"}",
    "{\"messages\":[{\"role\":\"system\",\"text\":\"s\"},{\"role\":\"user\",\"text\":\"u\"}],"
    "\"max_tokens\":9,\"temperature\":0.5,\"top_p\":0.5,\"top_k\":3,\"stop\":[\"x\"],\"seed\":1,"
    "\"presence_penalty\":1,\"frequency_penalty\":1,\"user\":\"u\"}",
    "{\"prompt\":\"hi\",\"tools\":[" TOOL
    "],\"tool_choice\":\"required\",\"parallel_tools\":false}",
    "{\"prompt\":\"hi\",\"tools\":[" TOOL "],\"tool_choice\":{\"name\":\"f\"}}",
    "{\"prompt\":\"hi\",\"tools\":[" TOOL "],\"tool_choice\":\"none\"}",
    "{\"prompt\":\"hi\",\"output\":{\"type\":\"schema\",\"name\":\"n\",\"schema\":{\"type\":"
    "\"object\"},\"strict\":true}}",
    "{\"prompt\":\"hi\",\"output\":{\"type\":\"json\"},\"reasoning\":{\"effort\":\"low\"}}",
    "{\"prompt\":\"hi\",\"reasoning\":{\"budget\":1000}}",
    "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"look\"},{\"type\":"
    "\"image\",\"mime\":\"image/png\",\"data\":\"AAAA\"},{\"type\":\"image\",\"url\":\"https://a/"
    "b.png\"},{\"type\":\"audio\",\"mime\":\"audio/wav\",\"data\":\"AAAA\"},{\"type\":\"file\","
    "\"mime\":\"application/pdf\",\"data\":\"AAAA\",\"name\":\"a.pdf\"},{\"type\":\"file\",\"id\":"
    "\"f\"},{\"type\":\"file\",\"url\":\"https://a/b.pdf\"}]}]}",
    "{\"messages\":[{\"role\":\"user\",\"text\":\"q\"},{\"role\":\"assistant\",\"parts\":[{"
    "\"type\":\"thinking\",\"text\":\"t\",\"signature\":\"s\"},{\"type\":\"opaque\",\"data\":\"o\"}"
    ","
    "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"tool_call\",\"id\":\"1\",\"name\":\"f\","
    "\"input\":{\"x\":1}},{\"type\":\"tool_call\",\"id\":\"2\",\"name\":\"f\",\"input_text\":\"{\"}"
    "]},{\"role\":\"tool\",\"parts\":[{\"type\":\"tool_result\",\"id\":\"1\",\"name\":\"f\","
    "\"parts\":[{\"type\":\"text\",\"text\":\"r\"}]},{\"type\":\"tool_result\",\"id\":\"2\","
    "\"parts\":[],\"is_error\":true}]}],\"tools\":[" TOOL "]}",
};
enum { REQUESTS = sizeof(requests) / sizeof(requests[0]) };

/* Bodies and frames that no server sends. */
static const char *const noise[] = {
    "{}",
    "[]",
    "{\"choices\":[]}",
    "{\"choices\":[{\"message\":3}]}",
    "{\"a\":{}}",
    "{\"message\":{\"content\":[[]]}}",
    "{\"content\":[{\"type\":7}]}",
    "{\"candidates\":[{}]}",
    "{\"output\":[1,2]}",
    "{\"data\":[[]]}",
    "{\"type\":\"?\"}",
    "{\"delta\":{\"tool_calls\":[{\"index\":-1}]}}",
    "{\"usage\":{\"input_tokens\":\"x\"}}",
};
enum { NOISE = sizeof(noise) / sizeof(noise[0]) };

static json_t *read_request(const char *text, struct td_err *err)
{
    json_t *named = tdh_json_parse(text, strlen(text), "request", err), *request = NULL;

    if (named != NULL) {
        json_object_set_new(named, "model", json_string("some-model"));
        tdh_request_check(named, &request, err);
    }
    json_decref(named);
    return request;
}

/* --- requests --- */

/* The whole of what would be sent, as one text; NULL with err. new */
static char *say(const struct tdh_wire *wire, const char *text, bool is_stream, struct td_err *err)
{
    json_t *request = read_request(text, err);
    struct tdh_outgoing sending;
    struct tdh_buf said = { 0 };

    if (request == NULL || tdh_wire_chat(wire, request, is_stream, &sending, err) != 0) {
        json_decref(request);
        return NULL;
    }
    tdh_buf_printf(&said, "%s %s\n", sending.method, sending.path);
    for (char **header = sending.headers; header != NULL && *header != NULL; header++)
        tdh_buf_printf(&said, "%s\n", *header);
    tdh_buf_json(&said, sending.body, 0);
    tdh_buf_json(&said, sending.dropped, 0);
    tdh_outgoing_end(&sending);
    json_decref(request);
    return tdh_buf_steal(&said);
}

static int try_requests(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_wire *wire = arg;

    (void)conform;
    for (size_t i = 0; i < 2 * (size_t)REQUESTS; i++) {
        char *first = say(wire, requests[i / 2], i % 2 == 1, err);
        char *second = first != NULL ? say(wire, requests[i / 2], i % 2 == 1, err) : NULL;
        bool is_same = first != NULL && second != NULL && strcmp(first, second) == 0;

        free(first);
        free(second);
        if (first == NULL && err->code != TD_E_UNSUPPORTED)
            return td_context(err, "request %.60s", requests[i / 2]);
        if (first != NULL && !is_same)
            return td_fail(err, TD_E_EXEC, "request %.60s: it is said in two ways",
                           requests[i / 2]);
    }
    return 0;
}

/* --- replies --- */

static int try_noise(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_wire *wire = arg;

    (void)conform;
    for (size_t i = 0; i < NOISE; i++) {
        json_t *reply = NULL;

        if (tdh_wire_reply(wire, false, noise[i], strlen(noise[i]), &reply, err) == 0)
            json_decref(reply);
        else if (err->code != TD_E_EXTERNAL)
            return td_context(err, "reply %s", noise[i]);
    }
    if (tdh_wire_reply(wire, false, "{}", 2, &(json_t *){ NULL }, err) == 0)
        return td_fail(err, TD_E_EXEC, "an empty object is taken for a reply");
    return 0;
}

static int swallow(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    (void)sink, (void)delta, (void)err;
    return 0;
}

/* A frame of the wire's framing. */
static void frame(const struct tdh_wire *wire, const char *text, struct tdh_buf *bytes)
{
    tdh_buf_printf(bytes, tdh_wire_framing(wire) == TD_FRAMES_SSE ? "data: %s\n\n" : "%s\n", text);
}

static int try_streams(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    static const struct td_sink sink = { .size = sizeof(sink), .take = swallow };
    const struct tdh_wire *wire = arg;

    (void)conform;
    for (size_t i = 0; i <= NOISE; i++) {
        struct tdh_stream *stream = tdh_stream_new(wire, &sink, err);
        struct tdh_buf bytes = { 0 };
        bool is_whole;

        if (stream == NULL)
            return -1;
        if (i < NOISE)
            frame(wire, noise[i], &bytes);
        is_whole =
            (bytes.length == 0 || tdh_stream_feed(stream, bytes.data, bytes.length, err) == 0) &&
            tdh_stream_end(stream, err) == 0;
        tdh_stream_free(stream);
        tdh_buf_free(&bytes);
        if (is_whole)
            return td_fail(err, TD_E_EXEC, "a stream of %s is taken for a whole one",
                           i < NOISE ? noise[i] : "nothing");
    }
    return 0;
}

/* --- failures --- */

static int try_failures(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    static const struct {
        unsigned status;
        bool is_retryable;
    } rows[] = { { 400, false }, { 401, false }, { 404, false }, { 500, true }, { 503, true } };
    const struct tdh_wire *wire = arg;

    (void)conform;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err told = { .code = TD_OK };

        tdh_wire_failure(wire, rows[i].status, NULL, "{\"error\":{}}", 12, &told);
        if (told.code == TD_OK || told.text[0] == '\0')
            return td_fail(err, TD_E_EXEC, "status %u: it does not say what failed",
                           rows[i].status);
        if (told.is_retryable != rows[i].is_retryable)
            return td_fail(err, TD_E_EXEC, "status %u is %s", rows[i].status,
                           told.is_retryable ? "worth another attempt, which it is not"
                                             : "not worth another attempt, which it is");
    }
    return 0;
}

static int make(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    *(struct tdh_wire **)arg =
        tdh_wire_new(conform->plugin, &conform->host->services, conform->plugin->manifest->name,
                     json_object_get(conform->script, "options"), err);
    return *(struct tdh_wire **)arg != NULL ? 0 : -1;
}

void tdh_conform_provider(struct tdh_conform *conform)
{
    struct tdh_wire *wire = NULL;

    if (tdh_conform_rule(conform, make, &wire, "it can be used with the options of conform.yaml") !=
        0)
        return;
    if (tdh_wire_is_native(wire))
        tdh_conform_skip(conform, "wire: it is native, and has none");
    else {
        tdh_conform_rule(conform, try_requests, wire,
                         "each request is said, always in the same way, or refused with a reason");
        tdh_conform_rule(conform, try_noise, wire, "what is no reply is refused");
        tdh_conform_rule(conform, try_streams, wire,
                         "a stream that is cut, or is none, is refused");
        tdh_conform_rule(conform, try_failures, wire,
                         "failures say what they are, and whether another attempt is worth it");
    }
    tdh_wire_free(wire);
}
