/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring: a stream of bytes through memory that two processes share.
 */
#include "plugin/ring.h"

#include <string.h>

static _Bool is_sane(uint64_t used)
{
    return used <= TDH_RING_BYTES;
}

/* How many of `length` bytes fit before the end of the ring's memory. */
static size_t until_end(uint64_t position, size_t length)
{
    size_t rest = TDH_RING_BYTES - (size_t)(position % TDH_RING_BYTES);

    return length < rest ? length : rest;
}

ssize_t tdh_ring_write(struct tdh_ring *ring, const void *bytes, size_t length)
{
    uint64_t taken = atomic_load_explicit(&ring->shared->taken, memory_order_acquire);
    uint64_t used = ring->position - taken;
    size_t count, first;

    if (!is_sane(used))
        return -1;
    count = length < TDH_RING_BYTES - used ? length : (size_t)(TDH_RING_BYTES - used);
    first = until_end(ring->position, count);
    memcpy(ring->shared->bytes + ring->position % TDH_RING_BYTES, bytes, first);
    memcpy(ring->shared->bytes, (const char *)bytes + first, count - first);
    ring->position += count;
    atomic_store_explicit(&ring->shared->written, ring->position, memory_order_release);
    return (ssize_t)count;
}

ssize_t tdh_ring_read(struct tdh_ring *ring, void *bytes, size_t length)
{
    uint64_t written = atomic_load_explicit(&ring->shared->written, memory_order_acquire);
    uint64_t used = written - ring->position;
    size_t count, first;

    if (!is_sane(used))
        return -1;
    count = length < used ? length : (size_t)used;
    first = until_end(ring->position, count);
    memcpy(bytes, ring->shared->bytes + ring->position % TDH_RING_BYTES, first);
    memcpy((char *)bytes + first, ring->shared->bytes, count - first);
    ring->position += count;
    atomic_store_explicit(&ring->shared->taken, ring->position, memory_order_release);
    return (ssize_t)count;
}

bool tdh_ring_has_bytes(const struct tdh_ring *ring)
{
    return atomic_load_explicit(&ring->shared->written, memory_order_acquire) != ring->position;
}

/* A wait is told before the last look, and looked for after the change: of the two sides one sees
 * the other. */
bool tdh_ring_await_bytes(struct tdh_ring *ring, bool is_waiting)
{
    atomic_store(&ring->shared->reader_waits, is_waiting);
    return tdh_ring_has_bytes(ring);
}

bool tdh_ring_await_room(struct tdh_ring *ring)
{
    atomic_store(&ring->shared->writer_waits, true);
    return ring->position - atomic_load(&ring->shared->taken) != TDH_RING_BYTES;
}

static bool is_awaited(_Atomic uint32_t *waits)
{
    atomic_thread_fence(memory_order_seq_cst);
    return atomic_load_explicit(waits, memory_order_relaxed) != 0 && atomic_exchange(waits, 0) != 0;
}

bool tdh_ring_wakes_reader(struct tdh_ring *ring)
{
    return is_awaited(&ring->shared->reader_waits);
}

bool tdh_ring_wakes_writer(struct tdh_ring *ring)
{
    return is_awaited(&ring->shared->writer_waits);
}
