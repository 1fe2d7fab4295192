/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life: what a named agent goes through, from the first call for it to its end.
 *
 * A life is of the agent's name: it is there as soon as the agent is to be made, outlasts each
 * exchange of its plugin or its file, and ends with the host. Instances by the thousand have none.
 *
 *   life.c           states, which may follow which, history, what is told
 *   life_step.c      how an agent is made: six steps, tried again, given back as a whole
 *   life_make.c      one maker at a time; the others wait for it
 *   life_end.c       pause, resume, stop, start
 *   life_status.c    all of it as JSON
 *   life_settings.c  what the agent's file says of it
 */
#ifndef TDH_AGENT_LIFE_H
#define TDH_AGENT_LIFE_H

#include <pthread.h>

#include "agent/agent.h"
#include "base/map.h"

enum tdh_life_state {
    TDH_LIFE_CREATED,
    TDH_LIFE_INITIALIZING,
    TDH_LIFE_INITIALIZED,
    TDH_LIFE_STARTING,
    TDH_LIFE_STARTED,
    TDH_LIFE_EXECUTING,
    TDH_LIFE_PAUSING,
    TDH_LIFE_PAUSED,
    TDH_LIFE_RESUMING,
    TDH_LIFE_STOPPING,
    TDH_LIFE_STOPPED,
    TDH_LIFE_ERROR,
    TDH_LIFE_TERMINATED,
    TDH_LIFE_STATES
};

enum {
    TDH_LIFE_HISTORY = 32, /* newest changes that are kept; older ones are counted */
    TDH_LIFE_REASON = 160  /* bytes of a reason, with its end; longer ones are cut */
};

struct tdh_life_change {
    enum tdh_life_state from, to;
    int64_t time_us;
    char reason[TDH_LIFE_REASON]; /* "": none */
};

/* Of a name. What it is at may be asked in any thread. */
struct tdh_life {
    char *name;
    pthread_mutex_t lock; /* of all up to `step` */
    enum tdh_life_state state;
    struct tdh_life_change changes[TDH_LIFE_HISTORY];
    uint64_t change_count; /* all there were; number n is at n % TDH_LIFE_HISTORY */
    uint64_t refused;      /* changes that were not legal */
    unsigned births;       /* how often it was made anew from nothing */
    char plugin[72], version[64], edition[TDH_EDITION_ID];
    struct td_err error; /* of the newest call, or attempt to make it, that failed; TD_OK: none */
    int64_t error_us;
    const char *step; /* of initialization, that failed last; NULL: none has */
    /* with the agents' lock */
    bool is_making;
    struct tdh_co *maker;
    struct tdh_life_wait *waiting; /* for the maker */
    bool is_acting;                /* somebody pauses it, stops it, and so on */
};

/* What an agent's file says of its life. */
struct tdh_life_settings {
    int64_t timeout_ms, delay_ms; /* of initialization: of all of it, and between two attempts */
    unsigned attempts;
    int64_t graceful_ms, force_ms; /* of its end */
    bool is_refusing;              /* calls, while it is paused */
    bool has_pool, is_reset;
    unsigned pool_min, pool_max;
    int64_t idle_ms;
    const json_t *environment; /* names; borrowed from the text; NULL: none */
};
enum { TDH_POOL_MAX = 1000, TDH_ENVIRONMENT_MAX = 64, TDH_ATTEMPTS_MAX = 100 };

/* life_settings.c: err TD_E_CONFIG, `WHERE: ...` */
int tdh_life_settings_read(const json_t *text, const char *where, struct tdh_life_settings *ret,
                           struct td_err *err);

/* life.c */
const char *tdh_life_word(enum tdh_life_state state);
bool tdh_life_may(enum tdh_life_state from, enum tdh_life_state to);
/** The life of that name, made when there is none. With the agents' lock. err TD_E_NOMEM */
struct tdh_life *tdh_life_of(struct tdh_agents *agents, const char *name, struct td_err *err);
void tdh_life_free(void *life);
enum tdh_life_state tdh_life_state(struct tdh_life *life);
/**
 * Goes on to another state, which is told as the event agent.lifecycle.STATE. In any thread.
 *
 * reason  may be NULL
 * err     TD_E_CONFLICT: that may not follow; it is counted, and nothing has changed
 */
int tdh_life_go(struct tdh_life *life, enum tdh_life_state to, const char *reason,
                struct td_err *err);
/** Begins again from nothing: what was before is at its end. err TD_E_CONFLICT: it is not */
int tdh_life_begin(struct tdh_life *life, struct td_err *err);
/** It cannot serve any more, in whatever state it is; the next call begins again. */
void tdh_life_lose(struct tdh_life *life, const char *reason);
/** What it is made of now. */
void tdh_life_is_of(struct tdh_life *life, const struct tdh_plugin *plugin);
/** Something failed. step: of initialization, or NULL */
void tdh_life_note(struct tdh_life *life, const char *step, const struct td_err *error);

/* life_end.c */
/** Opens or closes a template's gate, as its life is now. */
void tdh_life_gate(struct tdh_agent_template *template);
/** Calls that run in all its editions. With the agents' lock. */
unsigned tdh_life_running(const struct tdh_agents *agents, const struct tdh_life *life);

/* life_make.c */
/**
 * The named agent, made when it is not there; who comes while another makes it waits for that. With
 * the agents' lock, which is given up while it waits.
 *
 * reason  for the history
 * err     as tdh_agent_make; TD_E_UNAVAILABLE: it was stopped
 */
TD_YIELDS struct tdh_agent_template *tdh_life_make(struct tdh_agents *agents, const char *name,
                                                   const char *reason, struct td_err *err);

#endif
