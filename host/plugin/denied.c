/* SPDX-License-Identifier: Apache-2.0 */
/*
 * denied: which system calls a program that tdev runs may not make; flat tables.
 *
 * A program is any program, so unlike the list for plugins (syscalls.c) this one names what is
 * denied: what reaches into other processes or the kernel, leaves the confinement, or opens the
 * network without permission. It fails with EPERM. clone3 is said not to be there, since what it
 * does cannot be seen from here.
 */
#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/guard.h"
#include "plugin/inmate.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const denied[] = {
    /* other processes */
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_getfd",
    "pidfd_send_signal",
    "kcmp",
    /* other views of the system */
    "unshare",
    "setns",
    "mount",
    "umount2",
    "move_mount",
    "open_tree",
    "mount_setattr",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "pivot_root",
    "chroot",
    "open_by_handle_at",
    "quotactl",
    "quotactl_fd",
    /* the kernel */
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "syslog",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "vhangup",
    /* the network, the other way round */
    "listen",
    "accept",
    "accept4",
};

/* Without any permission of network. */
static const char *const network[] = { "connect", "bind" };
/* With one, these and no others. */
static const int families[] = { AF_INET, AF_INET6, AF_NETLINK };
/* By whom a signal is sent to a process: its number is the first argument. */
static const char *const signals[] = { "kill", "tgkill", "tkill", "rt_sigqueueinfo",
                                       "rt_tgsigqueueinfo" };
static const unsigned long namespaces[] = { CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                            CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                            CLONE_NEWNET };

/* The first failure stays; a call that this machine has not is denied anyhow. */
static void deny(scmp_filter_ctx filter, const char *name, unsigned count,
                 const struct scmp_arg_cmp *args, int *rc)
{
    int number = seccomp_syscall_resolve_name(name);

    if (*rc == 0 && number >= 0)
        *rc = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, count, args);
}

static void deny_value(scmp_filter_ctx filter, const char *name, unsigned arg, long value, int *rc)
{
    /* a pid_t may come with any upper half */
    const struct scmp_arg_cmp is_it = { .arg = arg,
                                        .op = SCMP_CMP_MASKED_EQ,
                                        .datum_a = 0xffffffffU,
                                        .datum_b = (scmp_datum_t)(uint32_t)value };

    deny(filter, name, 1, &is_it, rc);
}

/* Signals to its guard and to the host, by themselves and with their groups, and to everybody. */
static void deny_signals(scmp_filter_ctx filter, pid_t guard, pid_t host, int *rc)
{
    for (size_t i = 0; i < COUNT(signals); i++) {
        deny_value(filter, signals[i], 0, guard, rc);
        deny_value(filter, signals[i], 0, host, rc);
    }
    deny_value(filter, "kill", 0, -1, rc);
    deny_value(filter, "kill", 0, -guard, rc);
    deny_value(filter, "kill", 0, -getpgid(host), rc);
}

static void deny_namespaces(scmp_filter_ctx filter, int *rc)
{
    for (size_t i = 0; i < COUNT(namespaces); i++) {
        const struct scmp_arg_cmp has = {
            .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = namespaces[i], .datum_b = namespaces[i]
        };

        deny(filter, "clone", 1, &has, rc);
    }
    if (*rc == 0)
        *rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
                               seccomp_syscall_resolve_name("clone3"), 0);
}

/* All families but those; none without permission. Pairs of sockets talk to each other only. */
static void deny_network(scmp_filter_ctx filter, bool is_allowed, int *rc)
{
    if (!is_allowed) {
        deny(filter, "socket", 0, NULL, rc);
        for (size_t i = 0; i < COUNT(network); i++)
            deny(filter, network[i], 0, NULL, rc);
        return;
    }
    for (int family = 0; family < AF_MAX; family++) {
        bool is_one = false;

        for (size_t i = 0; i < COUNT(families); i++)
            is_one = is_one || families[i] == family;
        if (!is_one)
            deny_value(filter, "socket", 0, family, rc);
    }
}

int tdh_deny_calls(const json_t *permissions, pid_t guard, pid_t host, struct td_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool has_network = json_array_size(json_object_get(permissions, "network")) > 0;
    int rc = 0;

    if (filter == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the list of system calls");
    for (size_t i = 0; i < COUNT(denied); i++)
        deny(filter, denied[i], 0, NULL, &rc);
    deny_signals(filter, guard, host, &rc);
    deny_namespaces(filter, &rc);
    deny_network(filter, has_network, &rc);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    if (rc == 0)
        return 0;
    errno = -rc;
    td_fail_sys(err, "could not confine its system calls");
    err->code = TD_E_UNSUPPORTED;
    return -1;
}

#else

int tdh_deny_calls(const json_t *permissions, pid_t guard, pid_t host, struct td_err *err)
{
    (void)permissions, (void)guard, (void)host;
    return td_fail(err, TD_E_UNSUPPORTED,
                   "its system calls cannot be confined: tdev was built without libseccomp");
}

#endif
