/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address: where a server listens, and who its clients are.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"

static int parse_port(const char *text)
{
    long port;

    if (text[0] == '\0' || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
        return -1;
    port = strtol(text, NULL, 10);
    return port <= 65535 ? (int)port : -1;
}

/* By hand: evutil_parse_sockaddr_port refuses the port 0. */
static bool parse(const char *text, struct sockaddr_storage *ret_address, socklen_t *ret_length)
{
    const char *colon = strrchr(text, ':');
    bool is_six = text[0] == '[' && colon != NULL && colon[-1] == ']';
    int port = colon != NULL ? parse_port(colon + 1) : -1;
    char host[INET6_ADDRSTRLEN];

    if (port < 0 || colon - text >= (ptrdiff_t)sizeof(host))
        return false;
    memset(ret_address, 0, sizeof(*ret_address));
    if (is_six) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_address;

        snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - 2, text + 1);
        *six = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        *ret_length = sizeof(*six);
        return inet_pton(AF_INET6, host, &six->sin6_addr) == 1;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)ret_address;

    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    *four = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    *ret_length = sizeof(*four);
    return inet_pton(AF_INET, host, &four->sin_addr) == 1;
}

int tdh_address_parse(const char *text, struct sockaddr_storage *ret_address, socklen_t *ret_length,
                      struct td_err *err)
{
    if (parse(text, ret_address, ret_length))
        return 0;
    td_fail(err, TD_E_INVAL, "\"%.100s\" is no address to listen on", text);
    return td_hint(err, "write ADDRESS:PORT, as 127.0.0.1:8338 or [::1]:8338; port 0 is any "
                        "that is free");
}

bool tdh_address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

void tdh_address_print(const struct sockaddr *address, char text[static TDH_ADDRESS])
{
    char name[INET6_ADDRSTRLEN] = "?";

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;

        inet_ntop(AF_INET, &four->sin_addr, name, sizeof(name));
        snprintf(text, TDH_ADDRESS, "%s:%u", name, (unsigned)ntohs(four->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

        inet_ntop(AF_INET6, &six->sin6_addr, name, sizeof(name));
        snprintf(text, TDH_ADDRESS, "[%s]:%u", name, (unsigned)ntohs(six->sin6_port));
    } else {
        snprintf(text, TDH_ADDRESS, "%s", name);
    }
}

size_t tdh_address_peer(const struct sockaddr *address, char peer[static TDH_PEER])
{
    if (address->sa_family == AF_INET) {
        memcpy(peer, &((const struct sockaddr_in *)address)->sin_addr, 4);
        return 4;
    }
    memcpy(peer, &((const struct sockaddr_in6 *)address)->sin6_addr, 8);
    return 8;
}
