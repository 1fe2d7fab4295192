/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: the struct of an open store, shared by the units of this folder.
 */
#ifndef TDH_STORE_INTERNAL_H
#define TDH_STORE_INTERNAL_H

#include <stdatomic.h>

#include "store/store.h"

struct tdh_store {
    struct tdh_runtime *runtime;
    struct tdh_store_backend backend;
    enum td_durability durability;

    /* The writer. `waiting` takes writes from every worker;
     * whoever finds is_writing false starts the job. */
    _Atomic(struct tdh_task *) waiting;
    atomic_bool is_writing;
    struct tdh_job job;
    struct tdh_co *closer; /* waits until the job has ended; NULL: nobody does */
    struct td_op **ops;    /* the batch under way: the operations of its writes, in order */
    size_t ops_room;
};

/** Waits until the last job of the writer has ended, which is after those have heard whose writes
 * it carried. From a coroutine of the worker that wrote; elsewhere there is nothing to wait for. */
TD_YIELDS void tdh_writer_end(struct tdh_store *store);

#endif
