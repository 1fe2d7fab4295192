/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl: the module tdev-http.so: requests by libcurl's multi interface. It knows nothing of the
 * host but module.h, and links nothing of it but the error functions.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "http/module.h"

enum { CONNECT_MS = 30000, HEADERS_MAX = 256, HEADER_BYTES_MAX = 256 << 10, CONNECTIONS = 256 };

struct tdh_http_engine {
    CURLM *multi;
    struct tdh_http_loop loop;
    const char *agent;
};

/* One request in curl's hands. */
struct exchange {
    struct tdh_http_exchange *pub;
    CURL *easy;
    CURLU *url;
    struct curl_slist *headers;
    size_t room, header_bytes;
    unsigned header_count;
    char words[CURL_ERROR_SIZE];
};

/* --- what comes --- */

/* Not the body's bytes, but 0, tells curl to stop. */
static int stop(struct tdh_http_exchange *pub, enum td_code code, const char *text)
{
    td_fail(&pub->err, code, "%s", text);
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    struct tdh_http_reply *reply = &exchange->pub->reply;
    size_t length = size * count, room = exchange->room;

    if (length > exchange->pub->request->limit_bytes - reply->body_bytes)
        return (size_t)stop(exchange->pub, TD_E_LIMIT, "its reply is too long");
    while (room < reply->body_bytes + length + 1)
        room = room < 4096 ? 4096 : room * 2;
    if (room != exchange->room) {
        char *body = realloc(reply->body, room);

        if (body == NULL)
            return (size_t)stop(exchange->pub, TD_E_NOMEM, "could not allocate its reply");
        reply->body = body;
        exchange->room = room;
    }
    memcpy(reply->body + reply->body_bytes, bytes, length);
    reply->body_bytes += length;
    reply->body[reply->body_bytes] = '\0';
    return length;
}

static int add_header(json_t *headers, char *name, const char *value, size_t length)
{
    json_t *before, *text;

    for (char *c = name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    before = json_object_get(headers, name);
    text = before != NULL ? json_sprintf("%s, %.*s", json_string_value(before), (int)length, value)
                          : json_stringn(value, length);
    if (text == NULL) /* no UTF-8: it cannot be told */
        return 0;
    return json_object_set_new(headers, name, text);
}

/* A status line begins a new head: those before were of 100 Continue and the like. */
static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    json_t *headers = exchange->pub->reply.headers;
    size_t length = size * count, end = length, at;
    const char *colon = memchr(bytes, ':', length);
    char name[128];

    exchange->header_bytes += length;
    if (exchange->header_bytes > HEADER_BYTES_MAX || exchange->header_count > HEADERS_MAX)
        return (size_t)stop(exchange->pub, TD_E_LIMIT, "its reply has too many headers");
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        json_object_clear(headers);
        exchange->header_count = 0;
        return length;
    }
    if (colon == NULL || (size_t)(colon - bytes) >= sizeof(name))
        return length;
    exchange->header_count++;
    memcpy(name, bytes, (size_t)(colon - bytes));
    name[colon - bytes] = '\0';
    for (at = (size_t)(colon - bytes) + 1; at < end && (bytes[at] == ' ' || bytes[at] == '\t');
         at++)
        ;
    while (end > at && isspace((unsigned char)bytes[end - 1]))
        end--;
    return add_header(headers, name, bytes + at, end - at) == 0 ? length : 0;
}

/* --- the end of one --- */

static void free_exchange(struct tdh_http_engine *engine, struct exchange *exchange)
{
    exchange->pub->easy = NULL;
    if (exchange->easy != NULL) {
        curl_multi_remove_handle(engine->multi, exchange->easy);
        curl_easy_cleanup(exchange->easy);
    }
    curl_url_cleanup(exchange->url);
    curl_slist_free_all(exchange->headers);
    free(exchange);
}

static enum td_code code_of(CURLcode code)
{
    switch (code) {
    case CURLE_OUT_OF_MEMORY:
        return TD_E_NOMEM;
    case CURLE_OPERATION_TIMEDOUT:
        return TD_E_UNAVAILABLE; /* to connect: the time of the call is kept elsewhere */
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return TD_E_EXTERNAL;
    default:
        return TD_E_UNAVAILABLE;
    }
}

static void note_end(struct exchange *exchange, CURLcode code)
{
    struct tdh_http_exchange *pub = exchange->pub;
    long status = 0, sent = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent);
    pub->reply.status = (unsigned)status;
    pub->is_sent = sent > 0;
    pub->rc = code == CURLE_OK ? 0 : -1;
    if (code == CURLE_OK || pub->err.text[0] != '\0') /* it was stopped from here */
        return;
    td_fail(&pub->err, code_of(code), "%s",
            exchange->words[0] != '\0' ? exchange->words : curl_easy_strerror(code));
}

static void finish(struct tdh_http_engine *engine, struct exchange *exchange)
{
    struct tdh_http_exchange *pub = exchange->pub;

    free_exchange(engine, exchange);
    pub->is_done = true;
    pub->done(pub);
}

static void take_ends(struct tdh_http_engine *engine)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
        struct exchange *exchange;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
        note_end(exchange, code);
        finish(engine, exchange);
    }
}

/* --- a request --- */

static int check_place(struct exchange *exchange)
{
    const struct tdh_http_request *request = exchange->pub->request;
    struct td_err *err = &exchange->pub->err;
    char *host = NULL, *port = NULL;
    CURLUcode code = curl_url_set(exchange->url, CURLUPART_URL, request->url, 0);
    int rc = 0;

    if (code == CURLUE_OK)
        code = curl_url_get(exchange->url, CURLUPART_HOST, &host, 0);
    if (code == CURLUE_OK)
        code = curl_url_get(exchange->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    if (code != CURLUE_OK) {
        rc = td_fail(err, TD_E_INVAL, "\"%.200s\" is no URL: %s", request->url,
                     curl_url_strerror(code));
    } else {
        size_t length = strlen(host);

        if (host[0] == '[' && host[length - 1] == ']') {
            memmove(host, host + 1, length - 2);
            host[length - 2] = '\0';
        }
        if (!request->allow(request->allow_arg, host, (unsigned)strtoul(port, NULL, 10)))
            rc = td_fail(err, TD_E_PERM, "requests to %.200s:%s are not permitted", host, port);
    }
    curl_free(host);
    curl_free(port);
    return rc;
}

static bool is_token(const char *text)
{
    return text[0] != '\0' &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] ==
               '\0';
}

/* What a line break within would smuggle in is refused. A header without a value is sent so. */
static int add_headers(struct exchange *exchange)
{
    const char *const *at = exchange->pub->request->headers;
    struct td_err *err = &exchange->pub->err;

    exchange->headers = curl_slist_append(NULL, "Expect:");
    for (; at != NULL && *at != NULL && exchange->headers != NULL; at++) {
        struct curl_slist *more;

        if (strpbrk(*at, "\r\n") != NULL || strchr(*at, ':') == NULL || **at == ':')
            return td_fail(err, TD_E_INVAL, "a header must be one line, \"Name: value\"");
        more = curl_slist_append(exchange->headers, *at);
        if (more == NULL)
            break;
        exchange->headers = more;
    }
    if (exchange->headers == NULL || (at != NULL && *at != NULL))
        return td_fail(err, TD_E_NOMEM, "could not allocate the headers of a request");
    return 0;
}

static CURLcode set_options(struct tdh_http_engine *engine, struct exchange *exchange)
{
    const struct tdh_http_request *request = exchange->pub->request;
    CURL *easy = exchange->easy;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");

#define SET(option, value)                                                                         \
    if (rc == CURLE_OK)                                                                            \
    rc = curl_easy_setopt(easy, option, value)
    SET(CURLOPT_CURLU, exchange->url);
    SET(CURLOPT_PRIVATE, exchange);
    SET(CURLOPT_ERRORBUFFER, exchange->words);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* one that is dropped does not wait for its name */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_USERAGENT, engine->agent);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_HTTPHEADER, exchange->headers);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, exchange);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, exchange);
    if (request->ca_file != NULL) {
        SET(CURLOPT_CAINFO, request->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (request->body != NULL) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
        SET(CURLOPT_POSTFIELDS, request->body);
    }
    if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, request->method);
#undef SET
    return rc;
}

static int prepare(struct tdh_http_engine *engine, struct exchange *exchange)
{
    struct td_err *err = &exchange->pub->err;
    CURLcode code;

    exchange->url = curl_url();
    exchange->easy = curl_easy_init();
    exchange->pub->reply.headers = json_object();
    if (exchange->url == NULL || exchange->easy == NULL || exchange->pub->reply.headers == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    if (!is_token(exchange->pub->request->method))
        return td_fail(err, TD_E_INVAL, "\"%.40s\" is no method", exchange->pub->request->method);
    if (check_place(exchange) != 0 || add_headers(exchange) != 0)
        return -1;
    code = set_options(engine, exchange);
    if (code != CURLE_OK)
        return td_fail(err, TD_E_EXTERNAL, "%s", curl_easy_strerror(code));
    return curl_multi_add_handle(engine->multi, exchange->easy) == CURLM_OK
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not begin a request");
}

static void send_one(struct tdh_http_engine *engine, struct tdh_http_exchange *pub)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange == NULL) {
        pub->rc = td_fail(&pub->err, TD_E_NOMEM, "could not allocate a request");
        pub->is_done = true;
        pub->done(pub);
        return;
    }
    exchange->pub = pub;
    pub->easy = exchange;
    pub->rc = prepare(engine, exchange);
    if (pub->rc != 0)
        finish(engine, exchange);
}

static void drop(struct tdh_http_engine *engine, struct tdh_http_exchange *pub)
{
    struct exchange *exchange = pub->easy;
    long sent = 0;

    if (exchange == NULL)
        return;
    curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent);
    pub->is_sent = sent > 0;
    free_exchange(engine, exchange);
}

/* --- the engine --- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    const struct tdh_http_engine *engine = arg;

    (void)easy, (void)socket_arg;
    engine->loop.watch(engine->loop.arg, fd, what == CURL_POLL_REMOVE ? 0 : what);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    const struct tdh_http_engine *engine = arg;

    (void)multi;
    engine->loop.timer(engine->loop.arg, ms);
    return 0;
}

static void happened(struct tdh_http_engine *engine, int fd, int what)
{
    int running, bits = (what & 1 ? CURL_CSELECT_IN : 0) | (what & 2 ? CURL_CSELECT_OUT : 0);

    curl_multi_socket_action(engine->multi, fd < 0 ? CURL_SOCKET_TIMEOUT : fd, bits, &running);
    take_ends(engine);
}

static void close_engine(struct tdh_http_engine *engine)
{
    if (engine == NULL)
        return;
    curl_multi_cleanup(engine->multi);
    free(engine);
}

static struct tdh_http_engine *open_engine(const struct tdh_http_loop *loop, const char *agent)
{
    struct tdh_http_engine *engine = calloc(1, sizeof(*engine));

    if (engine == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(engine);
        return NULL;
    }
    engine->loop = *loop;
    engine->agent = agent;
    engine->multi = curl_multi_init();
    if (engine->multi == NULL) {
        free(engine);
        return NULL;
    }
    curl_multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine);
    curl_multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine);
    curl_multi_setopt(engine->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
    return engine;
}

TD_EXPORT extern const struct tdh_http_module tdh_http_module;
const struct tdh_http_module tdh_http_module = {
    .version = TDH_HTTP_MODULE,
    .open = open_engine,
    .close = close_engine,
    .send = send_one,
    .drop = drop,
    .happened = happened,
};
