/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger: what starts a workflow, as its text says. Immutable; part of the plan.
 */
#ifndef TDH_FLOW_TRIGGER_H
#define TDH_FLOW_TRIGGER_H

#include "base/arena.h"
#include "cel/cel.h"
#include "flow/cron.h"

#define TDH_TRIGGERS_MAX 100      /* of a workflow */
#define TDH_TRIGGER_THROTTLE 1000 /* most starts that a throttle counts */
#define TDH_TRIGGER_KEY 65        /* bytes of a trigger's key, with its NUL */

enum tdh_trigger_kind {
    TRIGGER_EVENT,
    TRIGGER_CRON,
    TRIGGER_INTERVAL,
    TRIGGER_FILE,
    TRIGGER_MANUAL,
    TRIGGER_KINDS
};

/* What becomes of times that passed while nobody looked. */
enum tdh_missed { MISSED_ONCE, MISSED_SKIP, MISSED_ALL };

/* What may happen to a file: bits. */
enum { FILE_CREATED = 1, FILE_CHANGED = 2, FILE_REMOVED = 4 };

struct tdh_trigger {
    enum tdh_trigger_kind kind;
    /* its "id"; else the kind and a hash of what it reacts to: its name in the store */
    char key[TDH_TRIGGER_KEY];
    char hash[13];               /* of what it reacts to */
    char *source;                /* event pattern, cron, interval or path, for people */
    struct tdh_cel *when;        /* NULL: always */
    struct tdh_template *inputs; /* NULL: the event's data; of a time: {} */
    struct tdh_cron cron;
    struct tdh_zone *zone; /* NULL: UTC */
    int64_t interval_us;
    enum tdh_missed missed;
    char *folder, *pattern; /* of a file: where it is, and what its name is like */
    unsigned on;            /* bits of what may happen to it */
    uint32_t debounce_ms;   /* 0: none */
    uint32_t throttle_max;  /* 0: none */
    uint32_t throttle_ms;
};

/* trigger_key.c: the keys of kinds, given by their bits. */
struct tdh_flow_reader;
bool tdh_trigger_key_is(const char *name, unsigned kinds);
const char *tdh_trigger_key_near(const char *name, unsigned kinds);
int tdh_trigger_key_read(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                         const char *name, const json_t *value, const char *pointer,
                         struct td_err *err);
/* Is it part of what the trigger reacts to? */
bool tdh_trigger_key_is_source(const char *name);

const char *tdh_trigger_kind_name(enum tdh_trigger_kind kind);
void tdh_trigger_end(struct tdh_trigger *trigger);

/** Does its `when` hold? err TD_E_INVAL */
int tdh_trigger_holds(const struct tdh_trigger *trigger, const json_t *event,
                      struct tdh_arena *arena, bool *ret_holds, struct td_err *err);
/** What a run that it starts is given. err TD_E_INVAL. new. */
json_t *tdh_trigger_input(const struct tdh_trigger *trigger, const json_t *event,
                          struct tdh_arena *arena, struct td_err *err);

#endif
