/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake: a host for one storage backend: opens the plugin's library, fills its options through its
 * bindings, and gives it the services a backend may use, which is the log alone.
 */
#ifndef TESTS_STORE_FAKE_H
#define TESTS_STORE_FAKE_H

#include <tdev/plugin.h>

struct fake_option {
    const char *name;
    const char *text; /* STR and CHOICE */
    int64_t number;   /* INT, BYTES, BOOL, DURATION in milliseconds */
};

/* One opened instance of a backend. `table` and `ctx` are what a test calls. */
struct fake {
    struct td_ctx ctx;
    const struct td_storage *table;
    const struct td_plugin *plugin;
    void *library;
    void *state;
};

/**
 * Opens backend `name`, "memory" or "sqlite", from TEST_BUILDDIR.
 *
 * options  ends with a NULL name; what is not named is as in plugin.yaml
 * err      what init says. Aborts when there is no such library: the build is broken
 */
int fake_open(struct fake *fake, const char *name, const struct fake_option *options,
              struct td_err *err);
void fake_close(struct fake *fake);
/** Has a backend that is not opened put a backup in its place. */
int fake_restore(const char *name, const struct fake_option *options, const char *image,
                 const char *aside, struct td_err *err);
/** The last line a plugin logged; "" at the beginning. */
const char *fake_log(void);

#endif
