/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring: a stream of bytes through memory that two processes share: one writes, the other reads.
 *
 * Each side keeps its own position to itself and only publishes it. What the other side has
 * published is believed as far as it makes sense, and is then only a number of bytes to be copied
 * once: whatever the other side writes, nobody reads or writes outside of the ring.
 *
 * Who finds nothing says so in the ring and waits for a byte in a pipe; the other side sends it
 * only then (tdh_ring_wants_wake).
 */
#ifndef TDH_PLUGIN_RING_H
#define TDH_PLUGIN_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TDH_RING_BYTES = 256 << 10 }; /* a power of two */

/* What both see. Positions count all bytes ever written and read. */
struct tdh_ring_shared {
    _Alignas(64) _Atomic uint64_t written;
    _Atomic uint32_t writer_waits; /* for room */
    _Alignas(64) _Atomic uint64_t taken;
    _Atomic uint32_t reader_waits; /* for bytes */
    _Alignas(64) char bytes[TDH_RING_BYTES];
};

/* One end. */
struct tdh_ring {
    struct tdh_ring_shared *shared;
    uint64_t position; /* of this end */
};

/** Takes what there is room for. Returns the number of bytes; -1: the other end makes no sense. */
ssize_t tdh_ring_write(struct tdh_ring *ring, const void *bytes, size_t length);
/** Copies what is there, at most `length`. Returns the number of bytes; -1: the other end makes no
 * sense. */
ssize_t tdh_ring_read(struct tdh_ring *ring, void *bytes, size_t length);
/** Is there something to read? Also when the other end makes no sense. */
bool tdh_ring_has_bytes(const struct tdh_ring *ring);

/** The reader waits from now on, or not; returns true when there is something after all. */
bool tdh_ring_await_bytes(struct tdh_ring *ring, bool is_waiting);
/** The writer waits for room; returns true when there is some after all. */
bool tdh_ring_await_room(struct tdh_ring *ring);
/** After a write, or a read: does the other end wait for it? True once per wait. */
bool tdh_ring_wakes_reader(struct tdh_ring *ring);
bool tdh_ring_wakes_writer(struct tdh_ring *ring);

#endif
