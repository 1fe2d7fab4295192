/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock: which files the process of an isolated plugin may reach, and which ports.
 *
 * Its own folder, what every library needs of the system, and what `permissions.files` names:
 * "/path" to read and write, "/path:ro" to read; "*" and "*:ro" are everything. With
 * `permissions.network`, what names are resolved and peers are checked with; when every entry is a
 * HOST:PORT, only those ports. Names of hosts are not the kernel's to keep.
 *
 * The numbers of the interface stand here: a system's headers may be older than its kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin/inmate.h"

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { RULE_PATH = 1, RULE_PORT = 2 };
enum { GET_VERSION = 1 };

#define FS_EXECUTE (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR (1ULL << 3)
#define FS_ALL_FIRST ((1ULL << 13) - 1) /* with the first version: up to symbolic links */
#define FS_REFER (1ULL << 13)           /* since 2 */
#define FS_TRUNCATE (1ULL << 14)        /* since 3 */
#define FS_IOCTL (1ULL << 15)           /* since 5 */
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL)
#define FS_READ (FS_READ_FILE | FS_READ_DIR)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NET_BIND (1ULL << 0) /* since 4 */
#define NET_CONNECT (1ULL << 1)
#define SCOPE_ALL 3ULL /* abstract sockets and signals of others; since 6 */

struct ruleset {
    uint64_t fs, net, scoped;
};
struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));
struct port_rule {
    uint64_t allowed, port;
};

/* Read by libraries of every sort. */
static const char *const system_paths[] = {
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/usr/share/i18n",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
};
/* Besides, what programs are started with: interpreters, and who is who. */
static const char *const program_paths[] = {
    "/bin",       "/usr/bin",          "/sbin",       "/usr/sbin",  "/usr/local/bin",
    "/usr/share", "/etc/alternatives", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"
};
static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                       "/dev/urandom" };
static const char *const network_paths[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ssl",
    "/etc/pki",
    "/etc/crypto-policies",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/share/pki",
    "/usr/share/crypto-policies",
};

int tdh_landlock_version(void)
{
    return (int)syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
}

static uint64_t handled_fs(int version)
{
    uint64_t handled = FS_ALL_FIRST;

    if (version >= 2)
        handled |= FS_REFER;
    if (version >= 3)
        handled |= FS_TRUNCATE;
    if (version >= 5)
        handled |= FS_IOCTL;
    return handled;
}

/* 0; 1: there is no such path; -1. */
static int allow(int ruleset, const char *path, uint64_t allowed, struct td_err *err)
{
    struct path_rule rule = { .allowed = allowed, .fd = open(path, O_PATH | O_CLOEXEC) };
    struct stat status;
    int rc;

    if (rule.fd < 0)
        return 1;
    if (fstat(rule.fd, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.allowed &= FS_OF_FILES;
    rc = (int)syscall(ADD_RULE, ruleset, RULE_PATH, &rule, 0);
    if (rc != 0)
        td_fail_sys(err, "could not allow path \"%s\"", path);
    close(rule.fd);
    return rc;
}

static int allow_all(int ruleset, const char *const *paths, size_t count, uint64_t allowed,
                     struct td_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (allow(ruleset, paths[i], allowed, err) < 0)
            return -1;
    return 0;
}

/* An entry of permissions.files. What a program may only read, it may also run: nobody can change
 * that from within. */
static int allow_entry(int ruleset, const char *entry, uint64_t all, uint64_t read,
                       struct td_err *err)
{
    size_t length = strlen(entry);
    bool is_read_only = length > 3 && strcmp(entry + length - 3, ":ro") == 0;
    char path[PATH_MAX];
    int rc;

    snprintf(path, sizeof(path), "%.*s", (int)(is_read_only ? length - 3 : length), entry);
    if (strcmp(path, "*") == 0)
        strcpy(path, "/");
    if (path[0] != '/') {
        td_fail(err, TD_E_CONFIG, "permissions.files: \"%s\" is no absolute path", entry);
        return td_hint(err, "/path to read and write it, /path:ro to read it only");
    }
    rc = allow(ruleset, path, is_read_only ? read : all & ~FS_EXECUTE, err);
    if (rc > 0)
        fprintf(stderr, "permissions.files: \"%s\" is not there\n", path);
    return rc < 0 ? -1 : 0;
}

static int allow_files(int ruleset, const struct tdh_ground *ground, uint64_t all,
                       struct td_err *err)
{
    const json_t *files = json_object_get(ground->permissions, "files");
    uint64_t read = ground->is_program ? FS_READ | FS_EXECUTE : FS_READ;
    size_t count = json_array_size(files);

    for (const char *const *own = ground->own; *own != NULL; own++)
        if (allow(ruleset, *own, read, err) < 0)
            return -1;
    if (allow_all(ruleset, system_paths, COUNT(system_paths), read, err) != 0 ||
        allow_all(ruleset, devices, COUNT(devices), FS_READ | FS_WRITE_FILE, err) != 0)
        return -1;
    if (ground->is_program &&
        allow_all(ruleset, program_paths, COUNT(program_paths), read, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (allow_entry(ruleset, json_string_value(json_array_get(files, i)), all, read, err) != 0)
            return -1;
    return 0;
}

/* The port of HOST:PORT; 0: there is none. "[::1]:80" has one, "::1" has not. */
static uint64_t port_of(const char *entry)
{
    const char *colon = strrchr(entry, ':'), *bracket = strrchr(entry, ']');
    char *end;
    unsigned long port;

    if (colon == NULL || (bracket == NULL && strchr(entry, ':') != colon) ||
        (bracket != NULL && colon < bracket))
        return 0;
    port = strtoul(colon + 1, &end, 10);
    return colon[1] != '\0' && *end == '\0' && port <= 65535 ? port : 0;
}

/* Are all entries ones with a port? */
static bool has_ports_only(const json_t *network)
{
    size_t count = json_array_size(network);

    for (size_t i = 0; i < count; i++)
        if (port_of(json_string_value(json_array_get(network, i))) == 0)
            return false;
    return true;
}

static int allow_ports(int ruleset, const json_t *network, struct td_err *err)
{
    size_t count = json_array_size(network);

    for (size_t i = 0; i < count; i++) {
        const char *entry = json_string_value(json_array_get(network, i));
        struct port_rule rule = { NET_CONNECT, port_of(entry) };

        if (syscall(ADD_RULE, ruleset, RULE_PORT, &rule, 0) != 0)
            return td_fail_sys(err, "could not allow port %llu", (unsigned long long)rule.port);
    }
    return 0;
}

static int fill(int ruleset, const struct tdh_ground *ground, const struct ruleset *rules,
                struct td_err *err)
{
    const json_t *network = json_object_get(ground->permissions, "network");

    if (allow_files(ruleset, ground, rules->fs, err) != 0)
        return -1;
    if (json_array_size(network) > 0 &&
        allow_all(ruleset, network_paths, COUNT(network_paths), FS_READ, err) != 0)
        return -1;
    return rules->net & NET_CONNECT ? allow_ports(ruleset, network, err) : 0;
}

int tdh_confine_files(const struct tdh_ground *ground, struct td_err *err)
{
    const json_t *network = json_object_get(ground->permissions, "network");
    int version = tdh_landlock_version(), ruleset, rc;
    struct ruleset rules = { 0 };
    size_t size = sizeof(rules.fs);

    if (version < 1)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "its files cannot be confined: this kernel has no Landlock, or it is off");
    rules.fs = handled_fs(version);
    if (version >= 4) {
        rules.net = NET_BIND | (has_ports_only(network) ? NET_CONNECT : 0);
        size += sizeof(rules.net);
    }
    if (version >= 6) {
        rules.scoped = SCOPE_ALL;
        size += sizeof(rules.scoped);
    }
    ruleset = (int)syscall(CREATE_RULESET, &rules, size, 0);
    if (ruleset < 0)
        return td_fail_sys(err, "could not make rules for its files");
    rc = fill(ruleset, ground, &rules, err);
    if (rc == 0 && syscall(RESTRICT_SELF, ruleset, 0) != 0)
        rc = td_fail_sys(err, "could not confine its files");
    close(ruleset);
    return rc;
}
