/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine: what the process of an isolated plugin gives up before the plugin's library is opened.
 *
 * Descriptors, capabilities, the right to gain any; limits of what it may use; then, in files of
 * their own, paths and ports, and last system calls.
 */
#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin/inmate.h"

enum {
    MEMORY_MIB = 1024,  /* when the manifest says nothing */
    FILES = 256,        /* open at once */
    FILE_MIB = 1024,    /* longest file written */
    TASKS = 4096,       /* of the user, all processes together; not kept for root */
    STACK_KIB = 8 << 10 /* of a thread */
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 }; /* shadow memory takes terabytes of addresses */
#else
enum { IS_SANITIZED = 0 };
#endif

/* --- limits --- */

/* Bytes of addresses in use. */
static rlim_t used_addresses(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (file != NULL && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Never more than there is. */
static int limit(int resource, rlim_t value, const char *what, struct td_err *err)
{
    struct rlimit now;

    if (getrlimit(resource, &now) == 0 && now.rlim_max != RLIM_INFINITY && value > now.rlim_max)
        value = now.rlim_max;
    if (setrlimit(resource, &(struct rlimit){ value, value }) == 0)
        return 0;
    return td_fail_sys(err, "could not limit its %s", what);
}

int tdh_confine_limits(struct td_err *err)
{
    if (limit(RLIMIT_CORE, 0, "core files", err) != 0 ||
        limit(RLIMIT_NOFILE, FILES, "open files", err) != 0 ||
        limit(RLIMIT_FSIZE, (rlim_t)FILE_MIB << 20, "files", err) != 0 ||
        limit(RLIMIT_NPROC, TASKS, "threads", err) != 0 ||
        limit(RLIMIT_STACK, (rlim_t)STACK_KIB << 10, "stack", err) != 0 ||
        limit(RLIMIT_MEMLOCK, 0, "locked memory", err) != 0)
        return -1;
    return 0;
}

static int set_limits(const struct tdh_manifest *manifest, struct td_err *err)
{
    rlim_t memory =
        manifest->memory_bytes > 0 ? (rlim_t)manifest->memory_bytes : (rlim_t)MEMORY_MIB << 20;

    mallopt(M_ARENA_MAX, 2); /* each further one reserves 64 MiB of addresses */
    if (!IS_SANITIZED && limit(RLIMIT_AS, used_addresses() + memory, "memory", err) != 0)
        return -1;
    return tdh_confine_limits(err);
}

/* So many of the cores that tdev may use; another place for each process. */
static int set_cores(const struct tdh_manifest *manifest, struct td_err *err)
{
    double cores = ceil(json_number_value(json_object_get(manifest->limits, "cpu")));
    int first = (int)getpid(), left;
    cpu_set_t all, own;

    if (cores < 1 || sched_getaffinity(0, sizeof(all), &all) != 0 || cores >= CPU_COUNT(&all))
        return 0;
    CPU_ZERO(&own);
    left = (int)cores;
    for (int i = 0; i < CPU_SETSIZE && left > 0; i++) {
        int core = (first + i) % CPU_SETSIZE;

        if (!CPU_ISSET(core, &all))
            continue;
        CPU_SET(core, &own);
        left--;
    }
    return sched_setaffinity(0, sizeof(own), &own) == 0
               ? 0
               : td_fail_sys(err, "could not limit its cores");
}

/* --- rights --- */

int tdh_confine_rights(struct td_err *err)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &head, none) != 0)
        return td_fail_sys(err, "could not give up capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return td_fail_sys(err, "could not give up new privileges");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return td_fail_sys(err, "could not close its memory to others");
    return 0;
}

/* A host that forgot to mark one as close-on-exec does not hand it to plugins. */
static void close_descriptors(void)
{
    close(TDH_FD_PAPER);
    close(TDH_FD_LINK);
    if (syscall(SYS_close_range, TDH_FD_COUNT, ~0U, 0) == 0)
        return;
    for (int fd = TDH_FD_COUNT; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
        close(fd);
}

/* One that this system cannot do is a failure, or only noted. */
static int settle(int rc, const struct tdh_paper *paper, unsigned lack, unsigned *lacks,
                  struct td_err *err)
{
    if (rc == 0)
        return 0;
    if (err->code != TD_E_UNSUPPORTED)
        return -1;
    if (paper->is_strict)
        return td_hint(err, "set plugins.confinement to possible to have it run all the same");
    *lacks |= lack;
    return 0;
}

int tdh_confine(const struct tdh_paper *paper, unsigned *ret_lacks, struct td_err *err)
{
    const char *const own[] = { paper->folder, paper->copy, paper->data_dir, NULL };
    const struct tdh_ground ground = { .permissions = paper->manifest->permissions, .own = own };

    close_descriptors();
    *ret_lacks = 0;
    if (set_limits(paper->manifest, err) != 0 || set_cores(paper->manifest, err) != 0 ||
        tdh_confine_rights(err) != 0 ||
        settle(tdh_confine_files(&ground, err), paper, TDH_LACKS_FILES, ret_lacks, err) != 0)
        return -1;
    return settle(tdh_confine_calls(paper->manifest, err), paper, TDH_LACKS_CALLS, ret_lacks, err);
}
