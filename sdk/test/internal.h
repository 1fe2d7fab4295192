/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: the fake host, as the files of libtdtest share it.
 */
#ifndef TDEV_TEST_INTERNAL_H
#define TDEV_TEST_INTERNAL_H

#include <tdev/test.h>

enum { TD_TESTING_METERS = 8, TD_TESTING_METER_NAME = 31 };

/* What belongs to one call. */
struct td_testing_piece { /* of td_alloc; the bytes stand behind it */
    struct td_testing_piece *older;
    max_align_t bytes[];
};
struct td_testing_deferred {
    struct td_testing_deferred *older;
    td_defer_fn *fn;
    void *arg;
};

/* An answer of the table. */
struct td_testing_answer {
    struct td_testing_answer *next;
    char *agent, *action;
    json_t *output; /* NULL: it fails */
    struct td_err err;
};

/* Who has a role. */
struct td_testing_role {
    struct td_testing_role *next;
    char *name, *agent, *action; /* agent: NULL: nobody */
};

/* A failure that was asked for. */
struct td_testing_fault {
    struct td_testing_fault *next;
    char *service;
    unsigned left; /* uses until it comes */
    enum td_code code;
};

struct td_test {
    struct td_ctx ctx; /* first: services get it back */
    const struct td_plugin *plugin;
    char *instance, *folder, *data_dir, *key;
    json_t *options;                 /* of the instance that is open */
    void **lists;                    /* arrays of LIST options, by binding */
    bool is_open, is_called;         /* is_called: between begin and end */
    bool is_blocking;                /* within td_blocking */
    struct td_testing_piece *pieces; /* newest first */
    struct td_testing_deferred *defers;
    struct td_testing_answer *answers; /* oldest first */
    struct td_testing_fault *faults;
    struct td_testing_role *roles;
    td_test_answer_fn *answer;
    void *answer_arg;
    int64_t now_ms;
    int64_t timeout_ms, deadline_ms;                                /* INT64_MAX: none */
    unsigned waits, cancel_at;                                      /* of this call; 0: never */
    char call_meters[TD_TESTING_METERS][TD_TESTING_METER_NAME + 1]; /* of this call */
    unsigned call_meter_count;
    const char *action;   /* of this call; NULL: of none */
    json_t *capabilities; /* of a bridge; NULL: it is none */
    json_t *spent;        /* {meter: millionths} */
    json_t *calls, *logs, *chunks, *store, *versions;
};

/** Ends the program with a sentence. */
_Noreturn void td_testing_end(const char *fmt, ...) TD_PRINTF(1, 2);
/** The pointer; without one, there was no memory. */
void *td_testing_must(void *pointer);
/** options.c: fills a state. err: TD_E_CONFIG */
int td_testing_fill(struct td_test *test, void *state, struct td_err *err);
void td_testing_unfill(struct td_test *test);
/** services.c */
extern const struct td_services td_testing_services;
/** services.c: is this use of the service to fail? err is filled then. */
bool td_testing_fails(struct td_test *test, const char *service, struct td_err *err);
/** services.c: the test whose call this is; ends the program when that may not use the service. */
struct td_test *td_testing_enter(struct td_ctx *ctx, const char *service);
int td_testing_call(struct td_ctx *ctx, const char *agent, const char *action, const json_t *input,
                    const struct td_call_options *options, json_t **ret_output, struct td_err *err);
/** role.c */
int td_testing_has_use(struct td_ctx *ctx, const char *name, struct td_err *err);
int td_testing_use(struct td_ctx *ctx, const char *name, const json_t *input,
                   const struct td_call_options *options, json_t **ret_output, struct td_err *err);
/** store.c: the four services of records. */
int td_testing_get(struct td_ctx *ctx, const char *key, json_t **ret_value, uint64_t *ret_version,
                   struct td_err *err);
int td_testing_put(struct td_ctx *ctx, const char *key, const json_t *value, uint64_t version,
                   uint64_t *ret_version, struct td_err *err);
int td_testing_delete(struct td_ctx *ctx, const char *key, uint64_t version, struct td_err *err);
int td_testing_scan(struct td_ctx *ctx, const char *prefix, uint32_t limit, td_store_scan_fn *fn,
                    void *arg, struct td_err *err);
/** outside.c: the services of bridges. */
const char *td_testing_action(struct td_ctx *ctx);
const json_t *td_testing_capabilities(struct td_ctx *ctx);
int td_testing_program_open(struct td_ctx *ctx, const struct td_program_options *options,
                            struct td_program **ret_program, struct td_err *err);
int td_testing_program_call(struct td_ctx *ctx, struct td_program *program, const char *action,
                            const json_t *input, json_t **ret_output, struct td_err *err);
void td_testing_program_close(struct td_ctx *ctx, struct td_program *program);
int td_testing_fetch(struct td_ctx *ctx, const struct td_http_request *request,
                     struct td_http_reply *ret_reply, struct td_err *err);
int td_testing_template_new(struct td_ctx *ctx, const json_t *value, const char *const *roots,
                            struct td_template **ret_template, struct td_err *err);
int td_testing_template_eval(struct td_ctx *ctx, const struct td_template *plain,
                             const json_t *values, json_t **ret_value, struct td_err *err);
void td_testing_template_free(struct td_ctx *ctx, struct td_template *plain);

#endif
