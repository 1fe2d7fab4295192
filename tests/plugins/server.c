/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server: a small server for tests of requests: it writes its port into a file, and answers each
 * path in its own way. With a certificate and its key it speaks TLS. One request a connection.
 *
 *   server PORT-FILE [CERTIFICATE KEY]
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 64 << 10 };

static SSL *tls; /* NULL: none */
static int connection;

static void put_bytes(const char *bytes, size_t length)
{
    while (length > 0) {
        int wrote = tls != NULL ? SSL_write(tls, bytes, (int)length)
                                : (int)send(connection, bytes, length, MSG_NOSIGNAL);

        if (wrote <= 0)
            return;
        bytes += wrote;
        length -= (size_t)wrote;
    }
}

static void put(const char *text)
{
    put_bytes(text, strlen(text));
}

static void answer(const char *status, const char *headers, const char *body)
{
    char text[2 * REQUEST_MAX];

    snprintf(text, sizeof(text),
             "HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
             strlen(body), body);
    put(text);
}

#define JSON "Content-Type: application/json\r\n"

/* What came, as JSON: the request line, some headers, and the body, which is JSON or nothing. */
static void tell(const char *request)
{
    static const char *const names[] = { "authorization", "idempotency-key", "content-type",
                                         "x-one", "accept" };
    static char text[2 * REQUEST_MAX];
    const char *body = strstr(request, "\r\n\r\n");
    int used =
        snprintf(text, sizeof(text), "{\"line\": \"%.*s\"", (int)strcspn(request, "\r"), request);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (const char *at = request; (at = strstr(at, "\r\n")) != NULL && at < body; at += 2)
            if (strncasecmp(at + 2, names[i], strlen(names[i])) == 0 &&
                at[2 + strlen(names[i])] == ':')
                used += snprintf(text + used, sizeof(text) - (size_t)used, ", \"%s\": \"%.*s\"",
                                 names[i], (int)strcspn(at + strlen(names[i]) + 4, "\r"),
                                 at + strlen(names[i]) + 4);
    snprintf(text + used, sizeof(text) - (size_t)used, ", \"body\": %s}",
             body != NULL && body[4] != '\0' ? body + 4 : "null");
    answer("200 OK", JSON, text);
}

static void stall(const char *request)
{
    (void)request;
    put("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    for (;;)
        pause();
}

static void mute(const char *request)
{
    (void)request;
    for (;;)
        pause();
}

static void cut(const char *request)
{
    (void)request;
    put("HTTP/1.1 200 OK\r\n" JSON "Content-Length: 100\r\n\r\n{\"a\": ");
}

static void huge(const char *request)
{
    static char block[64 << 10];

    (void)request;
    memset(block, 'x', sizeof(block));
    put("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    for (int i = 0; i < 512; i++)
        put_bytes(block, sizeof(block));
}

static void deep(const char *request)
{
    static char body[8192];

    (void)request;
    memset(body, '[', sizeof(body) - 1);
    answer("200 OK", JSON, body);
}

static void wrong(const char *request)
{
    (void)request;
    answer("200 OK", JSON, "{\"a\": 1, \"a\": 2}");
}

static void plain(const char *request)
{
    (void)request;
    answer("200 OK", "Content-Type: text/plain\r\nX-Two: a\r\nX-Two: b\r\n", "as it is");
}

static void nothing(const char *request)
{
    (void)request;
    answer("204 No Content", "", "");
}

static void busy(const char *request)
{
    (void)request;
    answer("503 Service Unavailable", "Retry-After: 7\r\n", "come back later");
}

static void refuse(const char *request)
{
    (void)request;
    answer("422 Unprocessable Entity", JSON, "{\"why\":\n\"no such thing\"}");
}

static void away(const char *request)
{
    (void)request;
    answer("302 Found", "Location: http://127.0.0.2:1/\r\n", "");
}

static void garbage(const char *request)
{
    (void)request;
    put("hello, this is no HTTP\r\n\r\n");
}

/* --- a model, on the wire of chat completions --- */

static void chunk(const char *text, const char *finish)
{
    char line[512];

    snprintf(line, sizeof(line),
             "data: {\"id\":\"c1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{"
             "\"content\":\"%s\"},\"finish_reason\":%s}]}\n\n",
             text, finish);
    put(line);
}

static void begin_stream(const char *key)
{
    char text[128];

    snprintf(text, sizeof(text), "%.100s, ", key);
    put("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n");
    chunk("your key is ", "null");
    chunk(text, "null");
}

/* Says the key it got, whole or piece by piece, as it is asked. */
static void think(const char *request)
{
    const char *header = strcasestr(request, "\r\nAuthorization: Bearer ");
    char key[64] = "none", body[512];

    if (header != NULL)
        snprintf(key, sizeof(key), "%.*s", (int)strcspn(header + 24, "\r"), header + 24);
    if (strstr(request, "\"stream\":true") != NULL) {
        begin_stream(key);
        chunk("you see", "\"stop\"");
        put("data: "
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":500}}\n\n"
            "data: [DONE]\n\n");
        return;
    }
    snprintf(
        body, sizeof(body),
        "{\"id\":\"c1\",\"model\":\"m-1\",\"choices\":[{\"message\":{\"content\":\"your key is "
        "%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,"
        "\"completion_tokens\":500}}",
        key);
    answer("200 OK", JSON, body);
}

static void stop_thinking(const char *request)
{
    (void)request;
    begin_stream("lost");
}

static void refuse_key(const char *request)
{
    (void)request;
    answer("401 Unauthorized", JSON,
           "{\"error\":{\"message\":\"no such key\",\"code\":\"invalid_api_key\"}}");
}

/* --- a model, on the wire of Converse --- */

static void send_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char bytes[4096];
    size_t got;

    while (file != NULL && (got = fread(bytes, 1, sizeof(bytes), file)) > 0)
        put_bytes(bytes, got);
    if (file != NULL)
        fclose(file);
}

/* Leaves what it got in a file, to be looked at; a stream comes out of another. */
static void converse(const char *request)
{
    FILE *file = fopen("request.txt", "we");

    if (file != NULL && (fputs(request, file) < 0 || fclose(file) != 0))
        return;
    if (strstr(request, "/converse-stream ") != NULL) {
        put("HTTP/1.1 200 OK\r\nConnection: close\r\n"
            "Content-Type: application/vnd.amazon.eventstream\r\n\r\n");
        send_file("stream.bin");
        return;
    }
    answer("200 OK", JSON,
           "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"hello\"}]}},"
           "\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":9,\"outputTokens\":2}}");
}

static const struct {
    const char *path;
    void (*answer)(const char *request);
} places[] = {
    { "/model/", converse },   { "/think", think },   { "/lost", stop_thinking },
    { "/locked", refuse_key }, { "/stall", stall },   { "/mute", mute },
    { "/cut", cut },           { "/huge", huge },     { "/deep", deep },
    { "/wrong", wrong },       { "/plain", plain },   { "/nothing", nothing },
    { "/busy", busy },         { "/refuse", refuse }, { "/away", away },
    { "/garbage", garbage },   { "/", tell },
};

static int take(char *bytes, size_t room)
{
    return tls != NULL ? SSL_read(tls, bytes, (int)room) : (int)recv(connection, bytes, room, 0);
}

/* A whole request, as far as Content-Length says. */
static void serve(void)
{
    static char request[REQUEST_MAX];
    size_t length = 0, wanted = 0;
    const char *path;

    while (length < sizeof(request) - 1 && (wanted == 0 || length < wanted)) {
        int got = take(request + length, sizeof(request) - 1 - length);
        const char *end, *header;

        if (got <= 0)
            return;
        length += (size_t)got;
        request[length] = '\0';
        end = strstr(request, "\r\n\r\n");
        header = strcasestr(request, "\r\nContent-Length:");
        if (end != NULL)
            wanted =
                (size_t)(end + 4 - request) + (header != NULL ? strtoul(header + 17, NULL, 10) : 0);
    }
    path = strchr(request, ' ');
    for (size_t i = 0; path != NULL && i < sizeof(places) / sizeof(places[0]); i++)
        if (strncmp(path + 1, places[i].path, strlen(places[i].path)) == 0) {
            places[i].answer(request);
            return;
        }
}

static void serve_one(SSL_CTX *context)
{
    if (context != NULL) {
        tls = SSL_new(context);
        SSL_set_fd(tls, connection);
        if (SSL_accept(tls) != 1)
            _exit(0);
    }
    serve();
    if (tls != NULL)
        SSL_shutdown(tls);
    _exit(0);
}

static int listen_anywhere(const char *port_file)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char name[4096];
    FILE *file;

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return -1;
    snprintf(name, sizeof(name), "%s.new", port_file);
    file = fopen(name, "w");
    if (file == NULL || fprintf(file, "%d\n", ntohs(at.sin_port)) < 0 || fclose(file) != 0 ||
        rename(name, port_file) != 0)
        return -1;
    return fd;
}

int main(int count, char **words)
{
    SSL_CTX *context = count == 4 ? SSL_CTX_new(TLS_server_method()) : NULL;
    int fd = count >= 2 ? listen_anywhere(words[1]) : -1;

    if (fd < 0 || (context != NULL &&
                   (SSL_CTX_use_certificate_file(context, words[2], SSL_FILETYPE_PEM) != 1 ||
                    SSL_CTX_use_PrivateKey_file(context, words[3], SSL_FILETYPE_PEM) != 1)))
        return 1;
    signal(SIGCHLD, SIG_IGN);
    setpgid(0, 0); /* who starts it ends it with all its connections */
    while ((connection = accept(fd, NULL, NULL)) >= 0) {
        if (fork() == 0)
            serve_one(context);
        close(connection);
    }
    return 0;
}
