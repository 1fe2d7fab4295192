/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape: attempts to do what a plugin may not; each tells what the system said.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "wild.h"

static const char *path_of(const json_t *input)
{
    const char *path = json_string_value(json_object_get(input, "path"));

    return path != NULL ? path : "/";
}

static int try_read(const json_t *input)
{
    int fd = open(path_of(input), O_RDONLY);
    char byte;

    return fd >= 0 && read(fd, &byte, 1) >= 0 ? 0 : -1;
}

static int try_write(const json_t *input)
{
    return open(path_of(input), O_WRONLY | O_CREAT | O_TRUNC, 0600) >= 0 ? 0 : -1;
}

static int try_unlink(const json_t *input)
{
    return unlink(path_of(input));
}

static struct sockaddr_in address_of(const json_t *input)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)json_integer_value(json_object_get(input, "port"))),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int try_connect(const json_t *input)
{
    struct sockaddr_in address = address_of(input);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return fd >= 0 ? connect(fd, (struct sockaddr *)&address, sizeof(address)) : -1;
}

static int try_listen(const json_t *input)
{
    struct sockaddr_in address = address_of(input);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return -1;
    return listen(fd, 1);
}

static int try_unix(const json_t *input)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path_of(input), sizeof(address.sun_path) - 1);
    return fd >= 0 ? connect(fd, (struct sockaddr *)&address, sizeof(address)) : -1;
}

/* To a socket of somebody else's, by its path. */
static int try_datagram(const json_t *input)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fds[2];

    strncpy(address.sun_path, path_of(input), sizeof(address.sun_path) - 1);
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) != 0)
        return -1;
    return sendto(fds[0], "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) == 1 ? 0 : -1;
}

/* What plugins do with pairs. */
static int try_pair(const json_t *input)
{
    int fds[2];
    char byte;

    (void)input;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return -1;
    return write(fds[0], "x", 1) == 1 && read(fds[1], &byte, 1) == 1 ? 0 : -1;
}

static int try_ptrace(const json_t *input)
{
    (void)input;
    return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int try_kill(const json_t *input)
{
    (void)input;
    return kill(getppid(), SIGKILL);
}

/* Volatile: memory that nobody looks at is none to a compiler. */
static int try_memory(const json_t *input)
{
    (void)input;
    for (;;) {
        char *volatile block = malloc(1 << 20);

        if (block == NULL)
            return -1;
        memset(block, 1, 1 << 20);
    }
}

static int try_hidden_memory(const json_t *input)
{
    (void)input;
    return memfd_create("hoard", 0) >= 0 ? 0 : -1;
}

static int try_limits(const json_t *input)
{
    struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

    (void)input;
    return setrlimit(RLIMIT_AS, &all);
}

static int try_outlive(const json_t *input)
{
    (void)input;
    return prctl(PR_SET_PDEATHSIG, 0);
}

static void *rest(void *arg)
{
    pause();
    return arg;
}

/* Until no more can be made. */
static int try_threads(const json_t *input)
{
    pthread_t thread;
    int rc = 0;

    (void)input;
    for (int i = 0; i < 100000 && rc == 0; i++)
        rc = pthread_create(&thread, NULL, rest, NULL);
    errno = rc;
    return rc == 0 ? 0 : -1;
}

static int try_files(const json_t *input)
{
    int fd = 0;

    (void)input;
    for (int i = 0; i < 100000 && fd >= 0; i++)
        fd = dup(STDERR_FILENO);
    return fd >= 0 ? 0 : -1;
}

static int try_fork(const json_t *input)
{
    (void)input;
    return fork() >= 0 ? 0 : -1;
}

static int try_exec(const json_t *input)
{
    (void)input;
    return execl("/bin/true", "true", (char *)NULL);
}

static int try_mount(const json_t *input)
{
    (void)input;
    return (int)syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */);
}

static const struct {
    const char *what;
    int (*fn)(const json_t *input);
} attempts[] = {
    { "pair", try_pair },       { "datagram", try_datagram }, { "read", try_read },
    { "write", try_write },     { "unlink", try_unlink },     { "connect", try_connect },
    { "listen", try_listen },   { "unix", try_unix },         { "ptrace", try_ptrace },
    { "kill", try_kill },       { "memory", try_memory },     { "hidden", try_hidden_memory },
    { "limits", try_limits },   { "outlive", try_outlive },   { "threads", try_threads },
    { "files", try_files },     { "fork", try_fork },         { "exec", try_exec },
    { "namespace", try_mount },
};

json_t *wild_escape(const char *what, const json_t *input)
{
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        if (strcmp(attempts[i].what, what) != 0)
            continue;
        errno = 0;
        return attempts[i].fn(input) == 0 ? json_pack("{s:b}", "done", 1)
                                          : json_pack("{s:s}", "error", strerrorname_np(errno));
    }
    return NULL;
}
