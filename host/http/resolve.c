/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: the addresses of an upstream's name, looked up in the blocking pool.
 *
 * A berth has one lookup under way at most, and all who need it wait for that one, each as long as
 * it may. The system's resolver tells no time to live: what it said is used for
 * TDH_HTTP_ADDRESSES_MS. Families are put in turns, so that one that leads nowhere costs one try.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/cable.h"

struct lookup {
    struct tdh_job job; /* first */
    struct tdh_berth *berth;
    struct tdh_place places[TDH_HTTP_ADDRESSES];
    unsigned count;
    struct td_err err;
    bool has_failed;
};

/* --- in the pool --- */

/* The next of the list that is of that family, or of another than that. */
static const struct addrinfo *next_of(const struct addrinfo *list, int family, bool is_other)
{
    while (list != NULL && (list->ai_family == family) == is_other)
        list = list->ai_next;
    return list;
}

static void keep(struct lookup *lookup, const struct addrinfo *found)
{
    struct tdh_place *place = &lookup->places[lookup->count];

    if (lookup->count == TDH_HTTP_ADDRESSES || found->ai_addrlen > sizeof(place->address))
        return;
    memcpy(&place->address, found->ai_addr, found->ai_addrlen);
    place->length = found->ai_addrlen;
    lookup->count++;
}

/* One of the first's family, one of the other, and so on. */
static void keep_in_turns(struct lookup *lookup, const struct addrinfo *list)
{
    int family = list->ai_family;
    const struct addrinfo *one = list, *other = next_of(list, family, true);

    while (one != NULL || other != NULL) {
        if (one != NULL) {
            keep(lookup, one);
            one = next_of(one->ai_next, family, false);
        }
        if (other != NULL) {
            keep(lookup, other);
            other = next_of(other->ai_next, family, true);
        }
    }
}

static void run_lookup(struct tdh_job *job)
{
    struct lookup *lookup = (struct lookup *)job;
    const struct tdh_upstream *upstream = lookup->berth->upstream;
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    char port[8];
    int rc;

    snprintf(port, sizeof(port), "%u", (unsigned)upstream->port);
    rc = getaddrinfo(upstream->host, port, &wanted, &list);
    if (rc == 0) {
        keep_in_turns(lookup, list);
        freeaddrinfo(list);
        return;
    }
    lookup->has_failed = true;
    td_fail(&lookup->err, TD_E_UNAVAILABLE, "the name \"%s\" could not be looked up: %s",
            upstream->host, gai_strerror(rc));
    lookup->err.is_retryable = rc != EAI_NONAME;
}

/* --- on the worker --- */

static void finish_lookup(struct tdh_job *job)
{
    struct lookup *lookup = (struct lookup *)job;
    struct tdh_berth *berth = lookup->berth;

    berth->lookup_err = lookup->err;
    if (!lookup->has_failed) {
        berth->lookup_err.code = TD_OK;
        memcpy(berth->places, lookup->places, sizeof(berth->places));
        berth->place_count = lookup->count;
        berth->good_place = 0;
        berth->places_until_ns = tdh_clock_mono_ns() + TDH_HTTP_ADDRESSES_MS * TDH_NS_PER_MS;
    }
    berth->is_looking_up = false;
    for (struct tdh_asking *asking = berth->asking; asking != NULL; asking = asking->next) {
        asking->is_done = true;
        tdh_co_wake(asking->co);
    }
    free(lookup);
    tdh_berth_exit(berth);
}

static int begin_lookup(struct tdh_berth *berth, struct td_err *err)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (lookup == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the lookup of a name");
    lookup->job.worker = tdh_worker_self();
    lookup->job.run = run_lookup;
    lookup->job.done = finish_lookup;
    lookup->berth = berth;
    berth->is_looking_up = true;
    tdh_berth_enter(berth);
    tdh_blocking_submit_plugin(berth->upstream->options.runtime, &lookup->job);
    return 0;
}

static void forget(struct tdh_berth *berth, const struct tdh_asking *asking)
{
    struct tdh_asking **at = &berth->asking;

    while (*at != asking)
        at = &(*at)->next;
    *at = asking->next;
}

static int await_lookup(struct tdh_berth *berth, uint64_t until_ns, struct td_err *err)
{
    struct tdh_asking asking = { .next = berth->asking, .co = tdh_co_self() };
    enum tdh_woken woken = TDH_WOKEN;

    berth->asking = &asking;
    while (!asking.is_done && woken == TDH_WOKEN)
        woken = tdh_co_wait(until_ns);
    forget(berth, &asking);
    if (!asking.is_done) {
        if (woken == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
        return td_fail(err, TD_E_TIMEOUT, "the name \"%s\" was not looked up in time",
                       berth->upstream->host);
    }
    if (berth->lookup_err.code == TD_OK)
        return 0;
    *err = berth->lookup_err;
    return -1;
}

int tdh_berth_resolve(struct tdh_berth *berth, uint64_t until_ns, struct td_err *err)
{
    if (berth->place_count != 0 && tdh_clock_mono_ns() < berth->places_until_ns)
        return 0;
    if (!berth->is_looking_up && begin_lookup(berth, err) != 0)
        return -1;
    return await_lookup(berth, until_ns, err);
}
