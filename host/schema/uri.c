/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri: splits a reference into its five parts, joins them again with those of the base (RFC
 * 3986, 5.2).
 */
#include "schema/uri.h"

#include <arpa/inet.h>
#include <string.h>

/* at NULL: the part is not there, which is not the same as empty. */
struct part {
    const char *at;
    size_t length;
};

struct uri {
    struct part scheme, authority, path, query, fragment;
};

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Length of the scheme in front of a ':', 0 when there is none. */
static size_t scheme_length(const char *text, const char *end)
{
    const char *at = text;

    if (at == end || !is_alpha(*at))
        return 0;
    while (at < end && (is_alpha(*at) || is_digit(*at) || *at == '+' || *at == '-' || *at == '.'))
        at++;
    return at < end && *at == ':' ? (size_t)(at - text) : 0;
}

/* The part up to the first of `stops`; moves *at there. */
static struct part take(const char **at, const char *end, const char *stops)
{
    struct part part = { *at, 0 };

    while (*at < end && (**at == '\0' || strchr(stops, **at) == NULL))
        (*at)++;
    part.length = (size_t)(*at - part.at);
    return part;
}

static struct uri split(const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    size_t scheme = scheme_length(text, end);
    struct uri uri = { 0 };

    if (scheme > 0) {
        uri.scheme = (struct part){ text, scheme };
        at += scheme + 1;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        at += 2;
        uri.authority = take(&at, end, "/?#");
    }
    uri.path = take(&at, end, "?#");
    if (at < end && *at == '?') {
        at++;
        uri.query = take(&at, end, "#");
    }
    if (at < end)
        uri.fragment = (struct part){ at + 1, (size_t)(end - at - 1) };
    return uri;
}

/* Takes "." and ".." segments out of a path in place (5.2.4). */
static void remove_dots(char *path)
{
    char *in = path, *out = path;

    while (*in != '\0') {
        char *segment = in + (*in == '/');
        size_t length = strcspn(segment, "/");
        bool is_dot = length == 1 && segment[0] == '.';
        bool is_up = length == 2 && segment[0] == '.' && segment[1] == '.';
        bool is_last = segment[length] == '\0';

        if (is_up)
            while (out > path && *--out != '/')
                ;
        if (!is_dot && !is_up) {
            memmove(out, in, (size_t)(segment + length - in));
            out += segment + length - in;
        } else if (is_last && in != segment) {
            *out++ = '/';
        }
        if (in == segment && (is_dot || is_up) && !is_last)
            length++; /* a dot segment in front goes with its slash */
        in = segment + length;
    }
    *out = '\0';
}

/* The reference's path behind the base's last slash (5.2.3). */
static char *merge(struct tdh_arena *arena, const struct uri *base, struct part path)
{
    size_t keep = base->path.length;

    if (base->authority.at != NULL && keep == 0)
        return tdh_arena_printf(arena, "/%.*s", (int)path.length, path.at);
    while (keep > 0 && base->path.at[keep - 1] != '/')
        keep--;
    return tdh_arena_printf(arena, "%.*s%.*s", (int)keep, base->path.at, (int)path.length, path.at);
}

static char *join(struct tdh_arena *arena, const struct uri *uri, const char *path)
{
    return tdh_arena_printf(
        arena, "%.*s%s%s%.*s%s%s%.*s%s%.*s", (int)uri->scheme.length,
        uri->scheme.at != NULL ? uri->scheme.at : "", uri->scheme.at != NULL ? ":" : "",
        uri->authority.at != NULL ? "//" : "", (int)uri->authority.length,
        uri->authority.at != NULL ? uri->authority.at : "", path, uri->query.at != NULL ? "?" : "",
        (int)uri->query.length, uri->query.at != NULL ? uri->query.at : "",
        uri->fragment.at != NULL ? "#" : "", (int)uri->fragment.length,
        uri->fragment.at != NULL ? uri->fragment.at : "");
}

char *tdh_js_uri_resolve(struct tdh_arena *arena, const char *base_text, const char *reference)
{
    struct uri base = split(base_text, strlen(base_text));
    struct uri uri = split(reference, strlen(reference));
    char *path;

    if (uri.scheme.at != NULL || uri.authority.at != NULL ||
        (uri.path.length > 0 && uri.path.at[0] == '/')) {
        path = tdh_arena_copy(arena, uri.path.at, uri.path.length);
    } else if (uri.path.length > 0) {
        path = merge(arena, &base, uri.path);
    } else {
        path = tdh_arena_copy(arena, base.path.at, base.path.length);
        if (uri.query.at == NULL)
            uri.query = base.query;
    }
    if (path == NULL)
        return NULL;
    if (uri.path.length > 0 && strchr(path, '/') != NULL)
        remove_dots(path);
    if (uri.scheme.at == NULL && uri.authority.at == NULL)
        uri.authority = base.authority;
    if (uri.scheme.at == NULL)
        uri.scheme = base.scheme;
    return join(arena, &uri, path);
}

bool tdh_js_uri_decode(char *text)
{
    char *out = text;

    for (const char *in = text; *in != '\0'; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_value(in[1]), low = high >= 0 ? hex_value(in[2]) : -1;

        if (low < 0 || high * 16 + low == 0)
            return false;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return true;
}

/* Unreserved and sub-delims, escapes, and what `also` adds. */
static bool has_only(struct part part, const char *also)
{
    for (size_t i = 0; i < part.length; i++) {
        char c = part.at[i];

        if (c == '%') {
            if (part.length - i < 3 || hex_value(part.at[i + 1]) < 0 ||
                hex_value(part.at[i + 2]) < 0)
                return false;
            i += 2;
        } else if (c == '\0' || (!is_alpha(c) && !is_digit(c) &&
                                 strchr("-._~!$&'()*+,;=", c) == NULL && strchr(also, c) == NULL)) {
            return false;
        }
    }
    return true;
}

/* What stands between [ and ]: an IPv6 address, or "v", a hexadecimal version, ".", and anything.
 */
static bool is_ip_literal(struct part host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    size_t digits = 1;

    if (host.length > 0 && (host.at[0] == 'v' || host.at[0] == 'V')) {
        while (digits < host.length && hex_value(host.at[digits]) >= 0)
            digits++;
        return digits > 1 && digits + 1 < host.length && host.at[digits] == '.' &&
               has_only((struct part){ host.at + digits, host.length - digits }, ":");
    }
    if (host.length >= sizeof(text) || memchr(host.at, '\0', host.length) != NULL)
        return false;
    memcpy(text, host.at, host.length);
    text[host.length] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

static bool is_authority(struct part authority)
{
    const char *at = memchr(authority.at, '@', authority.length);
    struct part host = authority;
    size_t end;

    if (at != NULL) {
        if (!has_only((struct part){ authority.at, (size_t)(at - authority.at) }, ":"))
            return false;
        host = (struct part){ at + 1, authority.length - (size_t)(at + 1 - authority.at) };
    }
    end = host.length;
    while (end > 0 && is_digit(host.at[end - 1]))
        end--;
    if (end > 0 && host.at[end - 1] == ':')
        host.length = end - 1;
    if (host.length >= 2 && host.at[0] == '[' && host.at[host.length - 1] == ']')
        return is_ip_literal((struct part){ host.at + 1, host.length - 2 });
    return has_only(host, "");
}

bool tdh_js_uri_is_valid(const char *text, size_t length)
{
    struct uri uri = split(text, length);

    if (uri.scheme.at == NULL || (uri.authority.at != NULL && !is_authority(uri.authority)))
        return false;
    return has_only(uri.path, "/:@") && has_only(uri.query, "/?:@") &&
           has_only(uri.fragment, "/?:@");
}
