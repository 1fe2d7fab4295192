/* SPDX-License-Identifier: Apache-2.0 */
/* sign: the canonical request, its hash, the key of the day, and the headers that come of them. */
#include "model/sign.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIME_ROOM = 17 /* 20260101T000000Z */, DAY = 8, HASH = SHA256_DIGEST_LENGTH };

/* A header that is signed: its name in any case, its value without what stands around it. */
struct header {
    const char *name, *value;
    size_t name_length, value_length;
};

struct parts {
    const char *host, *path, *query, *query_end;
    size_t host_length, path_length;
};

static int fail_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a signature");
}

static void write_time(int64_t time_s, char text[static TIME_ROOM])
{
    time_t when = (time_t)time_s;
    struct tm utc;

    gmtime_r(&when, &utc);
    strftime(text, TIME_ROOM, "%Y%m%dT%H%M%SZ", &utc);
}

static void write_hex(const unsigned char *bytes, size_t length, char *text)
{
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static bool hash(const void *bytes, size_t length, char hex[static TDH_SIGN_HEX])
{
    unsigned char sum[HASH];

    if (EVP_Digest(bytes != NULL ? bytes : "", length, sum, NULL, EVP_sha256(), NULL) != 1)
        return false;
    write_hex(sum, HASH, hex);
    return true;
}

/* --- the address --- */

static bool is_default_port(const char *port, size_t length, bool is_tls)
{
    const char *usual = is_tls ? ":443" : ":80";

    return length == strlen(usual) && memcmp(port, usual, length) == 0;
}

/* The host as it is sent: without the port that is usual. */
static int split_url(const char *url, struct parts *ret, struct td_err *err)
{
    const char *host = strstr(url, "://"), *colon;
    bool is_tls = strncmp(url, "https", 5) == 0;

    if (host == NULL)
        return td_fail(err, TD_E_INVAL, "\"%.100s\" cannot be signed: it is no whole address", url);
    host += 3;
    *ret = (struct parts){ .host = host, .host_length = strcspn(host, "/?#") };
    ret->path = host + ret->host_length;
    ret->path_length = strcspn(ret->path, "?#");
    ret->query = ret->path + ret->path_length;
    ret->query += *ret->query == '?';
    ret->query_end = ret->query + strcspn(ret->query, "#");
    colon = memchr(host, ':', ret->host_length);
    if (colon != NULL && is_default_port(colon, ret->host_length - (size_t)(colon - host), is_tls))
        ret->host_length = (size_t)(colon - host);
    return 0;
}

/* As it is sent, encoded once more: every service but S3 wants that. */
static void add_path(struct tdh_buf *text, const struct parts *parts)
{
    if (parts->path_length == 0)
        tdh_buf_char(text, '/');
    for (size_t i = 0; i < parts->path_length; i++) {
        unsigned char c = (unsigned char)parts->path[i];

        if (isalnum(c) || strchr("-_.~/", c) != NULL)
            tdh_buf_char(text, (char)c);
        else
            tdh_buf_printf(text, "%%%02X", c);
    }
}

static int compare_bytes(const char *one, size_t one_length, const char *other, size_t other_length)
{
    size_t both = one_length < other_length ? one_length : other_length;
    int order = memcmp(one, other, both);

    return order != 0 ? order : (one_length > other_length) - (one_length < other_length);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct header *one = a, *other = b;
    int order = compare_bytes(one->name, one->name_length, other->name, other->name_length);

    return order != 0
               ? order
               : compare_bytes(one->value, one->value_length, other->value, other->value_length);
}

static struct header pair_of(const char *text, const char *end)
{
    const char *equals = memchr(text, '=', (size_t)(end - text)),
               *value = equals != NULL ? equals + 1 : end;

    return (struct header){ .name = text,
                            .name_length = (size_t)((equals != NULL ? equals : end) - text),
                            .value = value,
                            .value_length = (size_t)(end - value) };
}

/* Sorted, each with a '='. */
static int add_query(struct tdh_buf *text, const struct parts *parts, struct td_err *err)
{
    struct header pairs[TDH_SIGN_HEADERS_MAX];
    const char *at = parts->query, *end = parts->query_end;
    size_t count = 0;

    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));

        if (count == TDH_SIGN_HEADERS_MAX)
            return td_fail(err, TD_E_INVAL,
                           "a request with more than %d parameters cannot be signed",
                           TDH_SIGN_HEADERS_MAX);
        stop = stop != NULL ? stop : end;
        pairs[count++] = pair_of(at, stop);
        at = stop + (stop < end);
    }
    qsort(pairs, count, sizeof(pairs[0]), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            tdh_buf_char(text, '&');
        tdh_buf_add(text, pairs[i].name, pairs[i].name_length);
        tdh_buf_char(text, '=');
        tdh_buf_add(text, pairs[i].value, pairs[i].value_length);
    }
    return 0;
}

/* --- headers --- */

static struct header header_of(const char *name, const char *value, size_t length)
{
    return (struct header){ name, value, strlen(name), length };
}

static bool is_signed(const char *line, size_t name_length)
{
    return (name_length == 12 && strncasecmp(line, "content-type", 12) == 0) ||
           (name_length > 6 && strncasecmp(line, "x-amz-", 6) == 0);
}

static int compare_headers(const void *a, const void *b)
{
    const struct header *one = a, *other = b;
    size_t both = one->name_length < other->name_length ? one->name_length : other->name_length;
    int order = strncasecmp(one->name, other->name, both);

    return order != 0
               ? order
               : (one->name_length > other->name_length) - (one->name_length < other->name_length);
}

/* rows: room for TDH_SIGN_HEADERS_MAX. Returns how many; 0: err says why not. */
static size_t collect(const struct tdh_signing *signing, const struct parts *parts,
                      const struct tdh_signer *signer, const char *when, struct header *rows,
                      struct td_err *err)
{
    size_t count = 0;

    rows[count++] = header_of("host", parts->host, parts->host_length);
    rows[count++] = header_of("x-amz-date", when, strlen(when));
    if (signer->token != NULL)
        rows[count++] = header_of("x-amz-security-token", signer->token, strlen(signer->token));
    for (char *const *line = signing->headers; line != NULL && *line != NULL; line++) {
        size_t length = strcspn(*line, ":");

        if ((*line)[length] == '\0' || !is_signed(*line, length))
            continue;
        if (count == TDH_SIGN_HEADERS_MAX) {
            td_fail(err, TD_E_INVAL, "a request with more than %d headers cannot be signed",
                    TDH_SIGN_HEADERS_MAX);
            return 0;
        }
        rows[count++] =
            (struct header){ *line, *line + length + 1, length, strlen(*line + length + 1) };
    }
    qsort(rows, count, sizeof(*rows), compare_headers);
    return count;
}

static void add_name(struct tdh_buf *text, const struct header *header)
{
    for (size_t i = 0; i < header->name_length; i++)
        tdh_buf_char(text, (char)tolower((unsigned char)header->name[i]));
}

/* Without spaces around it, and one for several within. */
static void add_value(struct tdh_buf *text, const struct header *header)
{
    const char *at = header->value, *end = at + header->value_length;
    bool is_begun = false, is_gap = false;

    for (; at < end; at++) {
        if (*at == ' ' || *at == '\t') {
            is_gap = is_begun;
            continue;
        }
        if (is_gap)
            tdh_buf_char(text, ' ');
        tdh_buf_char(text, *at);
        is_begun = true;
        is_gap = false;
    }
}

/* --- what is signed --- */

int tdh_sign_canonical(const struct tdh_signing *signing, const struct tdh_signer *signer,
                       struct tdh_buf *text, struct tdh_buf *names, struct td_err *err)
{
    struct header rows[TDH_SIGN_HEADERS_MAX];
    char when[TIME_ROOM], hex[TDH_SIGN_HEX];
    struct parts parts = { 0 };
    size_t count;

    write_time(signing->time_s, when);
    if (split_url(signing->url, &parts, err) != 0)
        return -1;
    count = collect(signing, &parts, signer, when, rows, err);
    if (count == 0)
        return -1;
    tdh_buf_printf(text, "%s\n", signing->method);
    add_path(text, &parts);
    tdh_buf_char(text, '\n');
    if (add_query(text, &parts, err) != 0)
        return -1;
    tdh_buf_char(text, '\n');
    for (size_t i = 0; i < count; i++) {
        add_name(text, &rows[i]);
        tdh_buf_char(text, ':');
        add_value(text, &rows[i]);
        tdh_buf_char(text, '\n');
        if (i > 0)
            tdh_buf_char(names, ';');
        add_name(names, &rows[i]);
    }
    if (!hash(signing->body, signing->body_bytes, hex) || names->failed)
        return fail_memory(err);
    tdh_buf_printf(text, "\n%s\n%s", names->data, hex);
    return text->failed ? fail_memory(err) : 0;
}

/* --- keys --- */

static bool mac(const void *key, size_t key_length, const char *text,
                unsigned char out[static HASH])
{
    return HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text, strlen(text), out,
                NULL) != NULL;
}

bool tdh_sign_key(const struct tdh_signing *signing, const struct tdh_signer *signer,
                  unsigned char ret_key[32])
{
    char when[TIME_ROOM], *secret;
    unsigned char key[HASH];
    bool is_made;

    write_time(signing->time_s, when);
    when[DAY] = '\0';
    if (asprintf(&secret, "AWS4%s", signer->secret) < 0)
        return false;
    is_made = mac(secret, strlen(secret), when, key) && mac(key, HASH, signing->region, ret_key) &&
              mac(ret_key, HASH, signing->service, key) && mac(key, HASH, "aws4_request", ret_key);
    explicit_bzero(secret, strlen(secret));
    explicit_bzero(key, sizeof(key));
    free(secret);
    return is_made;
}

/* The signature of a canonical request. */
static bool sign_text(const struct tdh_signing *signing, const struct tdh_signer *signer,
                      const struct tdh_buf *canonical, const char *scope,
                      char hex[static TDH_SIGN_HEX])
{
    unsigned char key[HASH], signature[HASH];
    char when[TIME_ROOM], *text;
    bool is_made;

    write_time(signing->time_s, when);
    if (!hash(canonical->data, canonical->length, hex) ||
        asprintf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", when, scope, hex) < 0)
        return false;
    is_made = tdh_sign_key(signing, signer, key) && mac(key, HASH, text, signature);
    explicit_bzero(key, sizeof(key));
    free(text);
    if (is_made)
        write_hex(signature, HASH, hex);
    return is_made;
}

static int make_lines(const struct tdh_signing *signing, const struct tdh_signer *signer,
                      const struct tdh_buf *canonical, const char *names,
                      char *lines[TDH_SIGN_LINES + 1], struct td_err *err)
{
    char when[TIME_ROOM], hex[TDH_SIGN_HEX], scope[256];
    size_t count = 0;

    write_time(signing->time_s, when);
    if (snprintf(scope, sizeof(scope), "%.*s/%s/%s/aws4_request", DAY, when, signing->region,
                 signing->service) >= (int)sizeof(scope))
        return td_fail(err, TD_E_INVAL, "region and service are too long to sign with");
    if (!sign_text(signing, signer, canonical, scope, hex) ||
        asprintf(&lines[count++], "X-Amz-Date: %s", when) < 0 ||
        (signer->token != NULL &&
         asprintf(&lines[count++], "X-Amz-Security-Token: %s", signer->token) < 0) ||
        asprintf(&lines[count++],
                 "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                 signer->access, scope, names, hex) < 0) {
        lines[count > 0 ? count - 1 : 0] = NULL; /* asprintf leaves it open */
        return fail_memory(err);
    }
    return 0;
}

int tdh_sign(const struct tdh_signing *signing, const struct tdh_signer *signer,
             char *ret_lines[TDH_SIGN_LINES + 1], struct td_err *err)
{
    struct tdh_buf canonical = { 0 }, names = { 0 };
    char *lines[TDH_SIGN_LINES + 1] = { NULL };
    int rc = tdh_sign_canonical(signing, signer, &canonical, &names, err);

    if (rc == 0)
        rc = make_lines(signing, signer, &canonical, names.data, lines, err);
    for (size_t i = 0; rc != 0 && i < TDH_SIGN_LINES; i++)
        free(lines[i]);
    if (rc == 0)
        memcpy(ret_lines, lines, sizeof(lines));
    if (canonical.data != NULL)
        explicit_bzero(canonical.data, canonical.length); /* a token is in it */
    tdh_buf_free(&canonical);
    tdh_buf_free(&names);
    return rc;
}
