/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the files of conf share: a value with its origin, and the object that holds all of
 * them.
 */
#ifndef TDH_CONF_INTERNAL_H
#define TDH_CONF_INTERNAL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/rows.h"

/* Where a value was said. */
struct tdh_conf_origin {
    enum { TDH_CONF_DEFAULT, TDH_CONF_FILE, TDH_CONF_PROFILE, TDH_CONF_ENV } kind;
    const char *name;      /* file or variable; NULL for a default */
    unsigned line, column; /* 0: none */
};

/* One setting's value. All texts stand in the arena of their tdh_conf. */
struct tdh_conf_value {
    int64_t number;          /* int, bool, size, duration */
    const char *text;        /* as it was said; a path: absolute once all layers are read */
    const char *const *list; /* ends with NULL */
    struct tdh_conf_origin from;
};

struct tdh_conf {
    atomic_uint refs;
    struct tdh_arena arena;
    struct tdh_conf_source source; /* texts in the arena; `env`: only what conf may ask for */
    const char *file, *profile;    /* NULL: none was read */
    struct tdh_conf_value values[TDH_CONF_KEYS_];
    bool is_pending[TDH_CONF_KEYS_];
};

/* value.c */
/** How a value's text is to be understood. */
struct tdh_conf_reader {
    struct tdh_arena *arena;
    const char *base_dir; /* a relative path is taken from here */
    const char *home;     /* of "~/"; NULL: not known */
};
/** Reads a text, as environment and defaults have it. err: TD_E_CONFIG, "section.key is ...". */
int tdh_conf_value_parse(const struct tdh_conf_row *row, const char *text,
                         const struct tdh_conf_reader *reader, struct tdh_conf_value *ret_value,
                         struct td_err *err);
/** Reads a value of a file. err as tdh_conf_value_parse. */
int tdh_conf_value_from_json(const struct tdh_conf_row *row, const json_t *json,
                             const struct tdh_conf_reader *reader, struct tdh_conf_value *ret_value,
                             struct td_err *err);
/** new: as a file would say it; a secret is "***". NULL without memory. */
json_t *tdh_conf_value_json(const struct tdh_conf_row *row, const struct tdh_conf_value *value);
bool tdh_conf_value_equal(const struct tdh_conf_row *row, const struct tdh_conf_value *value,
                          const struct tdh_conf_value *other);
/** "1KiB to 1GiB": the range of an int, size or duration. Returns text. */
const char *tdh_conf_range_print(const struct tdh_conf_row *row, char *text, size_t size);
/** `dir`/`path`, or `path` when it is absolute. In the arena; NULL without memory. */
const char *tdh_conf_join(struct tdh_arena *arena, const char *dir, const char *path);

/* layer.c: each puts one layer over what `conf` holds. */
/** A main file or a profile; *ret_profile (NULL: not allowed there) gets its `profile:`. */
int tdh_conf_layer_file(struct tdh_conf *conf, const char *path, bool is_profile,
                        const char **ret_profile, struct td_err *err);
int tdh_conf_layer_env(struct tdh_conf *conf, struct td_err *err);
/** Adds `, did you mean "NEAR"` to an error, unless there is none near. Returns -1. */
int tdh_conf_suggest(struct td_err *err, const char *near);
/** The environment's value of `name`, or NULL; an empty one counts as none. */
const char *tdh_conf_env(const struct tdh_conf *conf, const char *name);
/** The user's home folder, or NULL. */
const char *tdh_conf_home(const struct tdh_conf *conf);

#endif
