/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscalls: which system calls the process of an isolated plugin may make; flat tables.
 *
 * What is not named fails with EPERM, as libraries expect of what they only try. What no plugin
 * tries by accident (another program, another process's memory, signals to others) ends the process
 * with SIGSYS, so that it is told. clone3 is said not to be there, since what it does cannot be
 * seen from here; the C library then uses clone.
 */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/inmate.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const allowed[] = {
    /* files that are open, or that Landlock allows to be opened */
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "preadv",
    "pwritev",
    "preadv2",
    "pwritev2",
    "open",
    "openat",
    "creat",
    "close",
    "close_range",
    "stat",
    "fstat",
    "lstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getdents",
    "getdents64",
    "getcwd",
    "chdir",
    "fchdir",
    "lseek",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "truncate",
    "ftruncate",
    "fallocate",
    "fadvise64",
    "readahead",
    "sendfile",
    "copy_file_range",
    "splice",
    "tee",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "symlink",
    "symlinkat",
    "link",
    "linkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "utimensat",
    "utime",
    "utimes",
    "flock",
    "umask",
    "statfs",
    "fstatfs",
    "pipe",
    "pipe2",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    /* memory */
    "mmap",
    "munmap",
    "mprotect",
    "mremap",
    "madvise",
    "msync",
    "mincore",
    "brk",
    "membarrier",
    /* threads and time */
    "futex",
    "futex_waitv",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "set_tid_address",
    "sched_yield",
    "sched_getaffinity",

    "sched_getparam",
    "sched_getscheduler",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "getpriority",
    "getcpu",
    "clock_gettime",
    "clock_getres",
    "clock_nanosleep",
    "nanosleep",
    "gettimeofday",
    "time",
    "times",
    "getitimer",
    "setitimer",
    "alarm",
    "timer_create",
    "timer_settime",
    "timer_gettime",
    "timer_getoverrun",
    "timer_delete",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "exit",
    "exit_group",
    "restart_syscall",
    "arch_prctl",
    /* signals of its own */
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigpending",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "sigaltstack",
    "pause",
    "signalfd4",
    /* what it is */
    "getpid",
    "gettid",
    "getppid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getresuid",
    "getresgid",
    "getgroups",
    "getpgrp",
    "getpgid",
    "getsid",
    "getrusage",
    "getrlimit",
    "sysinfo",
    "uname",
    "getrandom",
    "capget",
    /* waiting, and descriptors that it has */
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "eventfd",
    "eventfd2",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "shutdown",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
};

/* With any permission of network: from here to elsewhere, never the other way round. */
static const char *const network[] = { "connect", "bind" };

static const char *const fatal[] = {
    "execve",
    "execveat",
    "fork",
    "vfork",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "tkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "pidfd_open",
    "pidfd_send_signal",
    "pidfd_getfd",
    "kcmp",
    "unshare",
    "setns",
    "mount",
    "umount2",
    "move_mount",
    "pivot_root",
    "chroot",
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "reboot",
    "swapon",
    "swapoff",
    "open_by_handle_at",
    "io_uring_setup",
};

/* Of prctl and ioctl only these: names of threads, and questions about a descriptor. */
static const unsigned prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ,
                                   0x53564d41 /* PR_SET_VMA: names of memory */ };
static const unsigned ioctls[] = { 0x5401 /* TCGETS: is it a terminal */, 0x541B /* FIONREAD */,
                                   0x5421 /* FIONBIO */, 0x5450 /* FIONCLEX */,
                                   0x5451 /* FIOCLEX */ };
static const int families[] = { AF_INET, AF_INET6, AF_NETLINK };

/* A number below 0: this machine has no such call. */
static int number_of(const char *name)
{
    int number = seccomp_syscall_resolve_name(name);

    return number >= 0 ? number : -1;
}

static struct scmp_arg_cmp compare(unsigned arg, enum scmp_compare op, scmp_datum_t a,
                                   scmp_datum_t b)
{
    return (struct scmp_arg_cmp){ .arg = arg, .op = op, .datum_a = a, .datum_b = b };
}

/* The first failure stays. */
static void add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
                const struct scmp_arg_cmp *args, int *rc)
{
    int number = number_of(name);

    if (*rc == 0 && number >= 0)
        *rc = seccomp_rule_add_array(filter, action, number, count, args);
    if (action == SCMP_ACT_TRAP && number >= 0)
        tdh_inmate_name_call(number, name);
}

static void add_values(scmp_filter_ctx filter, const char *name, unsigned arg,
                       const unsigned *values, size_t count, int *rc)
{
    for (size_t i = 0; i < count; i++) {
        const struct scmp_arg_cmp is_one = compare(arg, SCMP_CMP_EQ, values[i], 0);

        add(filter, SCMP_ACT_ALLOW, name, 1, &is_one, rc);
    }
}

/* Signals go to this process only; new tasks are threads of it; limits can be read. */
static void add_own(scmp_filter_ctx filter, int *rc)
{
    static const char *const signals[] = { "kill", "tgkill" };
    const struct scmp_arg_cmp is_self = compare(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp is_other = compare(0, SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp is_thread =
        compare(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp is_process = compare(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    const struct scmp_arg_cmp is_read = compare(2, SCMP_CMP_EQ, 0, 0);

    for (size_t i = 0; i < COUNT(signals); i++) {
        add(filter, SCMP_ACT_ALLOW, signals[i], 1, &is_self, rc);
        add(filter, SCMP_ACT_TRAP, signals[i], 1, &is_other, rc);
    }
    add(filter, SCMP_ACT_ALLOW, "clone", 1, &is_thread, rc);
    add(filter, SCMP_ACT_TRAP, "clone", 1, &is_process, rc);
    add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL, rc);
    add(filter, SCMP_ACT_ALLOW, "prlimit64", 1, &is_read, rc);
}

/* Pairs that talk to each other only: a datagram socket could reach any by its path. */
static void add_pairs(scmp_filter_ctx filter, int *rc)
{
    static const unsigned types[] = { SOCK_STREAM, SOCK_SEQPACKET };
    enum { TYPE_MASK = 0xf };

    for (size_t i = 0; i < COUNT(types); i++) {
        const struct scmp_arg_cmp are_so[] = {
            compare(0, SCMP_CMP_EQ, AF_UNIX, 0),
            compare(1, SCMP_CMP_MASKED_EQ, TYPE_MASK, types[i]),
        };

        add(filter, SCMP_ACT_ALLOW, "socketpair", COUNT(are_so), are_so, rc);
    }
}

static void add_network(scmp_filter_ctx filter, int *rc)
{
    for (size_t i = 0; i < COUNT(network); i++)
        add(filter, SCMP_ACT_ALLOW, network[i], 0, NULL, rc);
    for (size_t i = 0; i < COUNT(families); i++) {
        const struct scmp_arg_cmp is_one = compare(0, SCMP_CMP_EQ, (scmp_datum_t)families[i], 0);

        add(filter, SCMP_ACT_ALLOW, "socket", 1, &is_one, rc);
    }
}

static int fill(scmp_filter_ctx filter, bool has_network)
{
    int rc = 0;

    for (size_t i = 0; i < COUNT(allowed); i++)
        add(filter, SCMP_ACT_ALLOW, allowed[i], 0, NULL, &rc);
    for (size_t i = 0; i < COUNT(fatal); i++)
        add(filter, SCMP_ACT_TRAP, fatal[i], 0, NULL, &rc);
    add_values(filter, "prctl", 0, prctls, COUNT(prctls), &rc);
    add_values(filter, "ioctl", 1, ioctls, COUNT(ioctls), &rc);
    add_own(filter, &rc);
    add_pairs(filter, &rc);
    if (has_network)
        add_network(filter, &rc);
    return rc;
}

int tdh_confine_calls(const struct tdh_manifest *manifest, struct td_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool has_network = json_array_size(json_object_get(manifest->permissions, "network")) > 0;
    int rc;

    if (filter == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the list of system calls");
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    rc = fill(filter, has_network);
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

int tdh_confine_calls(const struct tdh_manifest *manifest, struct td_err *err)
{
    (void)manifest;
    return td_fail(err, TD_E_UNSUPPORTED,
                   "its system calls cannot be confined: tdev was built without libseccomp");
}

#endif
