/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi: a flat table of every size and offset that plugins were built with, so that no change of the
 * border is silent.
 *
 * A plugin of SDK 1.0 is machine code that has these numbers in it. What may change is said in the
 * change log of sdk/include/tdev/plugin.h: a new last member of a struct with a size, or a new last
 * number of an enum, is minor + 1 and new rows here; a row that is here already changes only with
 * the major version.
 */
#include "sizes.h"

#include <stdio.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NUMBER(name, number)                                                                       \
    {                                                                                              \
#name, (long long)(name), number                                                           \
    }

static const struct {
    const char *name;
    long long is, was;
} numbers[] = {
    NUMBER(TD_OK, 0),
    NUMBER(TD_E_NOMEM, 1),
    NUMBER(TD_E_INVAL, 2),
    NUMBER(TD_E_NOTFOUND, 3),
    NUMBER(TD_E_EXISTS, 4),
    NUMBER(TD_E_ABI, 5),
    NUMBER(TD_E_IO, 6),
    NUMBER(TD_E_CONFIG, 7),
    NUMBER(TD_E_PERM, 8),
    NUMBER(TD_E_TIMEOUT, 9),
    NUMBER(TD_E_CANCELLED, 10),
    NUMBER(TD_E_LIMIT, 11),
    NUMBER(TD_E_CONFLICT, 12),
    NUMBER(TD_E_UNAVAILABLE, 13),
    NUMBER(TD_E_EXTERNAL, 14),
    NUMBER(TD_E_DEPENDENCY, 15),
    NUMBER(TD_E_EXEC, 16),
    NUMBER(TD_E_CORRUPT, 17),
    NUMBER(TD_E_UNSUPPORTED, 18),
    NUMBER(TD_E_DOUBT, 19),
    NUMBER(TD_E_INTERNAL, 20),
    NUMBER(TD_DEBUG, 0),
    NUMBER(TD_INFO, 1),
    NUMBER(TD_WARNING, 2),
    NUMBER(TD_ERROR, 3),
    NUMBER(TD_EVENT_DONE, 1),
    NUMBER(TD_EVENT_FAILED, 2),
    NUMBER(TD_EVENT_SIGNAL, 3),
    NUMBER(TD_EVENT_CANCEL, 4),
    NUMBER(TD_BACKOFF_FIXED, 0),
    NUMBER(TD_BACKOFF_LINEAR, 1),
    NUMBER(TD_BACKOFF_EXPONENTIAL, 2),
    NUMBER(TD_BACKOFF_FIBONACCI, 3),
    NUMBER(TD_DOUBT_DEFAULT, 0),
    NUMBER(TD_DOUBT_RETRY, 1),
    NUMBER(TD_DOUBT_RECONCILE, 2),
    NUMBER(TD_DOUBT_ASK, 3),
    NUMBER(TD_DOUBT_FAIL, 4),
    NUMBER(TD_TARGET_AGENT, 1),
    NUMBER(TD_TARGET_PATTERN, 2),
    NUMBER(TD_TARGET_WORKFLOW, 3),
    NUMBER(TD_OP_GUARD_KV, 1),
    NUMBER(TD_OP_GUARD_LEASE, 2),
    NUMBER(TD_OP_PUT, 3),
    NUMBER(TD_OP_DELETE, 4),
    NUMBER(TD_OP_APPEND, 5),
    NUMBER(TD_OP_PUSH, 6),
    NUMBER(TD_OP_ACK, 7),
    NUMBER(TD_OP_PUBLISH, 8),
    NUMBER(TD_APPEND_INDEX, 1),
    NUMBER(TD_APPEND_FORGET, 2),
    NUMBER(TD_SCAN_DOWN, 1),
    NUMBER(TD_SCAN_SOUND, 2),
    NUMBER(TD_DURABLE_MEMORY, 1),
    NUMBER(TD_DURABLE_NORMAL, 2),
    NUMBER(TD_DURABLE_FULL, 3),
    NUMBER(TD_KIND_AGENT, 1),
    NUMBER(TD_KIND_PROVIDER, 2),
    NUMBER(TD_KIND_STORAGE, 3),
    NUMBER(TD_KIND_PATTERN, 4),
    NUMBER(TD_BIND_STR_, 1),
    NUMBER(TD_BIND_INT_, 2),
    NUMBER(TD_BIND_REAL_, 3),
    NUMBER(TD_BIND_BOOL_, 4),
    NUMBER(TD_BIND_DURATION_, 5),
    NUMBER(TD_BIND_BYTES_, 6),
    NUMBER(TD_BIND_LIST_, 7),
    NUMBER(TD_NOT_DONE, 0),
    NUMBER(TD_DONE, 1),
    NUMBER(TD_UNKNOWN, 2),
    NUMBER(TD_FAULT_NONE, 0),
    NUMBER(TD_FAULT_REQUEST, 1),
    NUMBER(TD_FAULT_AUTH, 2),
    NUMBER(TD_FAULT_MONEY, 3),
    NUMBER(TD_FAULT_MODEL, 4),
    NUMBER(TD_FAULT_CONTEXT, 5),
    NUMBER(TD_FAULT_REFUSED, 6),
    NUMBER(TD_FAULT_RATE, 7),
    NUMBER(TD_FAULT_OVERLOADED, 8),
    NUMBER(TD_FAULT_OUTAGE, 9),
    NUMBER(TD_FAULT_TIMEOUT, 10),
    NUMBER(TD_FAULT_BROKEN, 11),
    NUMBER(TD_FINISH_NONE, 0),
    NUMBER(TD_FINISH_STOP, 1),
    NUMBER(TD_FINISH_LENGTH, 2),
    NUMBER(TD_FINISH_TOOL_CALLS, 3),
    NUMBER(TD_FINISH_CONTENT_FILTER, 4),
    NUMBER(TD_FINISH_ERROR, 5),
    NUMBER(TD_FINISH_OTHER, 6),
    NUMBER(TD_DELTA_BEGIN, 1),
    NUMBER(TD_DELTA_TEXT, 2),
    NUMBER(TD_DELTA_THINKING, 3),
    NUMBER(TD_DELTA_SIGNATURE, 4),
    NUMBER(TD_DELTA_OPAQUE, 5),
    NUMBER(TD_DELTA_TOOL, 6),
    NUMBER(TD_DELTA_INPUT, 7),
    NUMBER(TD_DELTA_FINISH, 8),
    NUMBER(TD_DELTA_USAGE, 9),
    NUMBER(TD_DELTA_FAULT, 10),
    NUMBER(TD_FRAMES_SSE, 1),
    NUMBER(TD_FRAMES_LINES, 2),
    NUMBER(TD_FRAMES_AWS, 3),
    NUMBER(TD_ERR_TEXT, 768),
    NUMBER(TD_ERR_HINT, 256),
    NUMBER(TD_ABI_MAGIC, 0x56454454),
    NUMBER(TD_ABI_MAJOR, 1),
    NUMBER(TD_NOTE_STAMP, 1),
};

static int check_rows(void)
{
    int faults = 0;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].is == rows[i].was)
            continue;
        faults++;
        if (rows[i].member == NULL)
            printf("struct %s was %zu bytes, now it is %zu\n", rows[i].type, rows[i].was,
                   rows[i].is);
        else
            printf("struct %s: member \"%s\" was at byte %zu, now it is at %zu\n", rows[i].type,
                   rows[i].member, rows[i].was, rows[i].is);
    }
    return faults;
}

static int check_numbers(void)
{
    int faults = 0;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (numbers[i].is == numbers[i].was)
            continue;
        faults++;
        printf("%s was %lld, now it is %lld\n", numbers[i].name, numbers[i].was, numbers[i].is);
    }
    return faults;
}

int main(void)
{
    int faults = check_numbers();

    if (sizeof(void *) == 8)
        faults += check_rows();
    else
        printf("sizes and offsets are recorded for pointers of 8 bytes only\n");
    if (faults > 0)
        printf("the plugin border changed: see the head of tests/abi/test_abi.c\n");
    return faults > 0;
}
