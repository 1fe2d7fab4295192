/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: the table of all settings. A new setting is a constant in conf.h and a row in rows.c.
 */
#ifndef TDH_CONF_ROWS_H
#define TDH_CONF_ROWS_H

#include <stdint.h>

#include "conf/conf.h"

enum tdh_conf_type {
    TDH_CONF_INT = 1,
    TDH_CONF_BOOL,
    TDH_CONF_SIZE,     /* bytes, as "64KiB" or a number */
    TDH_CONF_DURATION, /* milliseconds, as "30s" */
    TDH_CONF_STRING,
    TDH_CONF_CHOICE,
    TDH_CONF_PATH, /* made absolute; empty: none, where that is the default */
    TDH_CONF_LIST, /* of paths */
};

enum {
    TDH_CONF_SECRET = 1,     /* never printed */
    TDH_CONF_RELOADABLE = 2, /* takes effect in a running host */
    TDH_CONF_IN_STATE = 4,   /* a relative path is taken from state.dir */
};

struct tdh_conf_row {
    const char *section, *key;
    enum tdh_conf_type type;
    unsigned flags;
    const char *fallback; /* the default, as a file would say it; NULL: see `place` */
    const char *embedded; /* the default without a daemon; NULL: the same */
    const char *place;    /* for people: what a computed default is */
    int64_t min, max;     /* of int, size and duration */
    const char *choices;  /* "one|two" */
    const char *literal;  /* of a list: an item that begins with it is no path; NULL: none does */
    const char *text;     /* one line for people */
};

extern const struct tdh_conf_row tdh_conf_rows[TDH_CONF_KEYS_];

/* One line per section, in the order of the rows. */
struct tdh_conf_section {
    const char *name, *text;
};
extern const struct tdh_conf_section tdh_conf_sections[];
extern const size_t tdh_conf_sections_count;

/** "whole number", "size" ...: the type in words. */
const char *tdh_conf_type_name(enum tdh_conf_type type);

#endif
