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
#include <tdev/plugin.h>

#include <stdio.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SIZE(type, bytes)                                                                          \
    {                                                                                              \
#type, NULL, sizeof(struct type), bytes                                                    \
    }
#define MEMBER(type, member, bytes)                                                                \
    {                                                                                              \
#type, #member, offsetof(struct type, member), bytes                                       \
    }
#define NUMBER(name, number)                                                                       \
    {                                                                                              \
#name, (long long)(name), number                                                           \
    }

/* On machines with pointers of 8 bytes. */
static const struct {
    const char *type, *member; /* member NULL: the size of the whole */
    size_t is, was;
} rows[] = {
    SIZE(td_err, 1072),
    MEMBER(td_err, code, 0),
    MEMBER(td_err, sys, 4),
    MEMBER(td_err, is_retryable, 8),
    MEMBER(td_err, retry_after_ms, 12),
    MEMBER(td_err, hint, 16),
    MEMBER(td_err, text, 272),
    MEMBER(td_err, reserved, 1040),
    SIZE(td_code_info, 40),
    MEMBER(td_code_info, code, 0),
    MEMBER(td_code_info, name, 8),
    MEMBER(td_code_info, category, 16),
    MEMBER(td_code_info, severity, 24),
    MEMBER(td_code_info, is_retryable, 32),
    SIZE(td_call_options, 48),
    MEMBER(td_call_options, size, 0),
    MEMBER(td_call_options, timeout_ms, 4),
    MEMBER(td_call_options, max_attempts, 8),
    MEMBER(td_call_options, flags, 12),
    MEMBER(td_call_options, reserved, 16),
    SIZE(td_services, 192),
    MEMBER(td_services, size, 0),
    MEMBER(td_services, log, 8),
    MEMBER(td_services, alloc, 16),
    MEMBER(td_services, defer, 24),
    MEMBER(td_services, call, 32),
    MEMBER(td_services, sleep, 40),
    MEMBER(td_services, check, 48),
    MEMBER(td_services, remaining_ms, 56),
    MEMBER(td_services, emit, 64),
    MEMBER(td_services, blocking, 72),
    MEMBER(td_services, key, 80),
    MEMBER(td_services, instance, 88),
    MEMBER(td_services, folder, 96),
    MEMBER(td_services, data_dir, 104),
    MEMBER(td_services, store_get, 112),
    MEMBER(td_services, store_put, 120),
    MEMBER(td_services, store_delete, 128),
    MEMBER(td_services, store_scan, 136),
    MEMBER(td_services, spend, 144),
    MEMBER(td_services, action, 152),
    MEMBER(td_services, capabilities, 160),
    MEMBER(td_services, program_open, 168),
    MEMBER(td_services, program_call, 176),
    MEMBER(td_services, program_close, 184),
    SIZE(td_program_options, 80),
    MEMBER(td_program_options, size, 0),
    MEMBER(td_program_options, flags, 4),
    MEMBER(td_program_options, command, 8),
    MEMBER(td_program_options, environment, 16),
    MEMBER(td_program_options, folder, 24),
    MEMBER(td_program_options, memory_bytes, 32),
    MEMBER(td_program_options, line_bytes, 40),
    MEMBER(td_program_options, reserved, 48),
    SIZE(td_ctx, 32),
    MEMBER(td_ctx, size, 0),
    MEMBER(td_ctx, reserved, 4),
    MEMBER(td_ctx, services, 8),
    MEMBER(td_ctx, self, 16),
    MEMBER(td_ctx, shared, 24),
    SIZE(td_event, 80),
    MEMBER(td_event, size, 0),
    MEMBER(td_event, kind, 4),
    MEMBER(td_event, ask, 8),
    MEMBER(td_event, attempts, 12),
    MEMBER(td_event, tag, 16),
    MEMBER(td_event, time_us, 24),
    MEMBER(td_event, output, 32),
    MEMBER(td_event, error, 40),
    MEMBER(td_event, reserved, 48),
    SIZE(td_policy, 72),
    MEMBER(td_policy, size, 0),
    MEMBER(td_policy, timeout_ms, 4),
    MEMBER(td_policy, max_attempts, 8),
    MEMBER(td_policy, backoff, 12),
    MEMBER(td_policy, initial_ms, 16),
    MEMBER(td_policy, max_ms, 20),
    MEMBER(td_policy, jitter, 24),
    MEMBER(td_policy, in_doubt, 32),
    MEMBER(td_policy, reserved_flags, 36),
    MEMBER(td_policy, reserved, 40),
    SIZE(td_ask, 96),
    MEMBER(td_ask, size, 0),
    MEMBER(td_ask, target, 4),
    MEMBER(td_ask, name, 8),
    MEMBER(td_ask, action, 16),
    MEMBER(td_ask, path, 24),
    MEMBER(td_ask, tag, 32),
    MEMBER(td_ask, input, 40),
    MEMBER(td_ask, config, 48),
    MEMBER(td_ask, policy, 56),
    MEMBER(td_ask, reserved, 64),
    SIZE(td_asks_ops, 80),
    MEMBER(td_asks_ops, size, 0),
    MEMBER(td_asks_ops, call, 8),
    MEMBER(td_asks_ops, timer, 16),
    MEMBER(td_asks_ops, wait, 24),
    MEMBER(td_asks_ops, cancel, 32),
    MEMBER(td_asks_ops, finish, 40),
    MEMBER(td_asks_ops, fail, 48),
    MEMBER(td_asks_ops, run_id, 56),
    MEMBER(td_asks_ops, stop, 64),
    MEMBER(td_asks_ops, question, 72),
    SIZE(td_asks, 8),
    MEMBER(td_asks, ops, 0),
    SIZE(td_reducer, 80),
    MEMBER(td_reducer, size, 0),
    MEMBER(td_reducer, state_version, 4),
    MEMBER(td_reducer, state_size, 8),
    MEMBER(td_reducer, prepare, 16),
    MEMBER(td_reducer, release, 24),
    MEMBER(td_reducer, start, 32),
    MEMBER(td_reducer, fold, 40),
    MEMBER(td_reducer, save, 48),
    MEMBER(td_reducer, load, 56),
    MEMBER(td_reducer, drop, 64),
    MEMBER(td_reducer, flags, 72),
    MEMBER(td_reducer, reserved, 76),
    SIZE(td_bytes, 16),
    MEMBER(td_bytes, data, 0),
    MEMBER(td_bytes, length, 8),
    SIZE(td_op, 120),
    MEMBER(td_op, size, 0),
    MEMBER(td_op, kind, 4),
    MEMBER(td_op, space, 8),
    MEMBER(td_op, key, 16),
    MEMBER(td_op, value, 24),
    MEMBER(td_op, version, 40),
    MEMBER(td_op, token, 48),
    MEMBER(td_op, time_us, 56),
    MEMBER(td_op, expires_us, 64),
    MEMBER(td_op, run, 72),
    MEMBER(td_op, type, 80),
    MEMBER(td_op, flags, 84),
    MEMBER(td_op, priority, 88),
    MEMBER(td_op, reserved, 92),
    MEMBER(td_op, node, 96),
    MEMBER(td_op, head, 104),
    MEMBER(td_op, ret_version, 112),
    SIZE(td_row, 64),
    MEMBER(td_row, size, 0),
    MEMBER(td_row, type, 4),
    MEMBER(td_row, seq, 8),
    MEMBER(td_row, run, 16),
    MEMBER(td_row, before, 24),
    MEMBER(td_row, time_us, 32),
    MEMBER(td_row, node, 40),
    MEMBER(td_row, value, 48),
    SIZE(td_kv, 32),
    MEMBER(td_kv, size, 0),
    MEMBER(td_kv, get, 8),
    MEMBER(td_kv, scan, 16),
    MEMBER(td_kv, expire, 24),
    SIZE(td_log_table, 48),
    MEMBER(td_log_table, size, 0),
    MEMBER(td_log_table, scan, 8),
    MEMBER(td_log_table, read, 16),
    MEMBER(td_log_table, index, 24),
    MEMBER(td_log_table, prune, 32),
    MEMBER(td_log_table, prune_runs, 40),
    SIZE(td_queue, 40),
    MEMBER(td_queue, size, 0),
    MEMBER(td_queue, claim, 8),
    MEMBER(td_queue, release, 16),
    MEMBER(td_queue, extend, 24),
    MEMBER(td_queue, count, 32),
    SIZE(td_topic, 32),
    MEMBER(td_topic, size, 0),
    MEMBER(td_topic, read, 8),
    MEMBER(td_topic, last, 16),
    MEMBER(td_topic, trim, 24),
    SIZE(td_lease, 32),
    MEMBER(td_lease, size, 0),
    MEMBER(td_lease, acquire, 8),
    MEMBER(td_lease, renew, 16),
    MEMBER(td_lease, release, 24),
    SIZE(td_blob, 32),
    MEMBER(td_blob, size, 0),
    MEMBER(td_blob, put, 8),
    MEMBER(td_blob, get, 16),
    MEMBER(td_blob, remove, 24),
    SIZE(td_storage, 112),
    MEMBER(td_storage, size, 0),
    MEMBER(td_storage, kv, 8),
    MEMBER(td_storage, log, 16),
    MEMBER(td_storage, queue, 24),
    MEMBER(td_storage, topic, 32),
    MEMBER(td_storage, lease, 40),
    MEMBER(td_storage, blob, 48),
    MEMBER(td_storage, commit, 56),
    MEMBER(td_storage, durability, 64),
    MEMBER(td_storage, version, 72),
    MEMBER(td_storage, migrate, 80),
    MEMBER(td_storage, verify, 88),
    MEMBER(td_storage, backup, 96),
    MEMBER(td_storage, restore, 104),
    SIZE(td_stamp, 24),
    MEMBER(td_stamp, magic, 0),
    MEMBER(td_stamp, major, 4),
    MEMBER(td_stamp, minor, 6),
    MEMBER(td_stamp, pointer_size, 8),
    MEMBER(td_stamp, time_size, 10),
    MEMBER(td_stamp, off_size, 12),
    MEMBER(td_stamp, jansson_major, 14),
    MEMBER(td_stamp, err_size, 16),
    MEMBER(td_stamp, flags, 18),
    MEMBER(td_stamp, reserved, 20),
    SIZE(td_note, 44),
    MEMBER(td_note, size, 0),
    MEMBER(td_note, stamp, 4),
    MEMBER(td_note, sdk, 28),
    SIZE(td_note_section, 64),
    MEMBER(td_note_section, owner_size, 0),
    MEMBER(td_note_section, note_size, 4),
    MEMBER(td_note_section, type, 8),
    MEMBER(td_note_section, owner, 12),
    MEMBER(td_note_section, note, 20),
    SIZE(td_binding, 24),
    MEMBER(td_binding, size, 0),
    MEMBER(td_binding, type, 4),
    MEMBER(td_binding, name, 8),
    MEMBER(td_binding, offset, 16),
    SIZE(td_action, 40),
    MEMBER(td_action, size, 0),
    MEMBER(td_action, name, 8),
    MEMBER(td_action, run, 16),
    MEMBER(td_action, reconcile, 24),
    MEMBER(td_action, reducer, 32),
    SIZE(td_agent, 16),
    MEMBER(td_agent, size, 0),
    MEMBER(td_agent, actions, 8),
    SIZE(td_pattern, 16),
    MEMBER(td_pattern, size, 0),
    MEMBER(td_pattern, reducer, 8),
    SIZE(td_plugin, 104),
    MEMBER(td_plugin, size, 0),
    MEMBER(td_plugin, kind, 4),
    MEMBER(td_plugin, name, 8),
    MEMBER(td_plugin, version, 16),
    MEMBER(td_plugin, state_size, 24),
    MEMBER(td_plugin, bindings, 32),
    MEMBER(td_plugin, prepare, 40),
    MEMBER(td_plugin, release, 48),
    MEMBER(td_plugin, init, 56),
    MEMBER(td_plugin, drop, 64),
    MEMBER(td_plugin, agent, 72),
    MEMBER(td_plugin, provider, 80),
    MEMBER(td_plugin, storage, 88),
    MEMBER(td_plugin, pattern, 96),
    SIZE(td_entry, 32),
    MEMBER(td_entry, stamp, 0),
    MEMBER(td_entry, plugin, 24),
};

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
