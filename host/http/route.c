/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route: which handler a request is for.
 *
 * Paths are compared as they came, segment by segment: what is spelled with %XX is another path, so
 * nobody gets past a rule by another spelling. Only parameters are decoded.
 */
#include <stdio.h>
#include <string.h>

#include "http/internal.h"

static const char *segment_end(const char *at)
{
    return at + strcspn(at, "/");
}

/* Both behind a "/". False: another path. */
static bool match_segment(const char *pattern, const char *pattern_end, const char *path,
                          const char *at, const char *end, struct tdh_params *params)
{
    size_t length = (size_t)(end - at);

    if (*pattern != '{')
        return (size_t)(pattern_end - pattern) == length && memcmp(pattern, at, length) == 0;
    if (length == 0)
        return false;
    params->names[params->count] = pattern + 1;
    params->values[params->count++] = (struct tdh_span){ (uint16_t)(at - path), (uint16_t)length };
    return true;
}

static bool match(const char *pattern, const char *path, struct tdh_params *params)
{
    const char *at = path;

    params->count = 0;
    while (*pattern == '/' && *at == '/') {
        const char *pattern_end = segment_end(pattern + 1), *end = segment_end(at + 1);

        if (!match_segment(pattern + 1, pattern_end, path, at + 1, end, params))
            return false;
        pattern = pattern_end;
        at = end;
    }
    return *pattern == '\0' && *at == '\0';
}

/* Adds a method to those that a path has. */
static void allow(char *list, size_t size, const char *method)
{
    size_t length = strlen(list);

    if (strstr(list, method) == NULL)
        snprintf(list + length, size - length, "%s%s", length != 0 ? ", " : "", method);
}

const struct tdh_http_route *tdh_routes_find(const struct tdh_http_route *routes, size_t count,
                                             const char *method, const char *path,
                                             struct tdh_params *ret_params, char *ret_allow,
                                             size_t allow_size)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    bool is_there = false;

    ret_allow[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!match(routes[i].path, path, ret_params))
            continue;
        if (strcmp(routes[i].method, wanted) == 0)
            return &routes[i];
        is_there = true;
        allow(ret_allow, allow_size, routes[i].method);
        if (strcmp(routes[i].method, "GET") == 0)
            allow(ret_allow, allow_size, "HEAD");
    }
    if (is_there)
        allow(ret_allow, allow_size, "OPTIONS");
    return NULL;
}

static int check_path(const char *path, struct td_err *err)
{
    unsigned params = 0;

    for (const char *at = path; *at != '\0'; at = segment_end(at + 1)) {
        const char *end = segment_end(at + 1);

        if (*at != '/')
            return td_fail(err, TD_E_INVAL, "route \"%.100s\" does not begin with \"/\"", path);
        if (at[1] == '{' && (end[-1] != '}' || ++params > TDH_HTTP_PARAMS))
            return td_fail(err, TD_E_INVAL,
                           "route \"%.100s\": a parameter is a whole segment, and there are at "
                           "most %d",
                           path, TDH_HTTP_PARAMS);
    }
    return 0;
}

int tdh_routes_check(const struct tdh_http_route *routes, size_t count, struct td_err *err)
{
    if (count > TDH_HTTP_ROUTES)
        return td_fail(err, TD_E_INVAL, "there are %zu routes, at most %d are allowed", count,
                       TDH_HTTP_ROUTES);
    for (size_t i = 0; i < count; i++)
        if (check_path(routes[i].path, err) != 0)
            return -1;
    return 0;
}
