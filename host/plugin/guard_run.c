/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard_run: the last steps of a process before it is the program: a group of its own, its folder,
 * limits, rights, files, ports, system calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "plugin/guard.h"
#include "plugin/inmate.h"

enum { FDS = 32 };

/* A list of texts as execve wants it: new, its texts are the list's. */
static char **texts_of(const json_t *list)
{
    size_t count = json_array_size(list);
    char **texts = calloc(count + 1, sizeof(*texts));

    for (size_t i = 0; texts != NULL && i < count; i++)
        texts[i] = (char *)(uintptr_t)json_string_value(json_array_get(list, i));
    return texts;
}

static int enter_folder(const char *folder, struct td_err *err)
{
    return chdir(folder) == 0 ? 0 : td_fail_sys(err, "could not go to folder \"%s\"", folder);
}

/* It ends with its guard. No descriptor but its own three outlives this process. */
static int leave_guard(pid_t guard, struct td_err *err)
{
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    for (int fd = 3; fd < FDS; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return td_fail_sys(err, "could not tie the program to its guard");
    return getppid() == guard ? 0 : td_fail(err, TD_E_CANCELLED, "tdev has ended meanwhile");
}

/* What it writes into, not what it only maps: others reserve far more than they use. */
static int limit_memory(const json_t *program, struct td_err *err)
{
    rlim_t bytes = (rlim_t)json_integer_value(json_object_get(program, "memory"));

    return setrlimit(RLIMIT_DATA, &(struct rlimit){ bytes, bytes }) == 0
               ? 0
               : td_fail_sys(err, "could not limit its memory");
}

/* Its folder, unless that is all there is, and the words of its command that are files. */
static int confine_files(const json_t *program, struct td_err *err)
{
    const json_t *command = json_object_get(program, "command");
    const char *folder = tdh_json_str(program, "folder", "/");
    size_t count = json_array_size(command), used = 0;
    const char **own = calloc(count + 2, sizeof(*own));
    struct tdh_ground ground = { .permissions = json_object_get(program, "permissions"),
                                 .own = own,
                                 .is_program = true };
    int rc;

    if (own == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the list of its files");
    if (strcmp(folder, "/") != 0)
        own[used++] = folder;
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(command, i));
        struct stat status;

        if (word[0] == '/' && stat(word, &status) == 0 && S_ISREG(status.st_mode))
            own[used++] = word;
    }
    rc = tdh_confine_files(&ground, err);
    free(own);
    return rc;
}

/* What this system cannot do is a failure, or noted. */
static int settle(int rc, const json_t *program, int lack, int *lacks, struct td_err *err)
{
    if (rc == 0)
        return 0;
    if (err->code != TD_E_UNSUPPORTED || json_is_true(json_object_get(program, "strict")))
        return -1;
    *lacks |= lack;
    return 0;
}

static int prepare(const json_t *paper, pid_t guard, int *lacks, struct td_err *err)
{
    const json_t *program = json_object_get(paper, "program");
    const json_t *permissions = json_object_get(program, "permissions");
    pid_t host = (pid_t)json_integer_value(json_object_get(paper, "host"));

    if (leave_guard(guard, err) != 0 ||
        enter_folder(tdh_json_str(program, "folder", "/"), err) != 0 ||
        limit_memory(program, err) != 0 || tdh_confine_limits(err) != 0 ||
        tdh_confine_rights(err) != 0 ||
        settle(confine_files(program, err), program, TDH_LACKS_FILES, lacks, err) != 0)
        return -1;
    return settle(tdh_deny_calls(permissions, guard, host, err), program, TDH_LACKS_CALLS, lacks,
                  err);
}

static void tell(int told, const struct tdh_guard_word *word)
{
    if (write(told, word, sizeof(*word)) < 0)
        _exit(127);
}

static int run(const json_t *program, struct td_err *err)
{
    char **command = texts_of(json_object_get(program, "command"));
    char **environment = texts_of(json_object_get(program, "environment"));

    if (command == NULL || environment == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the command");
    execve(command[0], command, environment);
    td_fail_sys(err, "could not run \"%s\"", command[0]);
    if (err->code == TD_E_IO && errno != EAGAIN) /* it will not run the next time either */
        err->code = TD_E_CONFIG;
    return -1;
}

void tdh_guard_run(const json_t *paper, pid_t guard, int told)
{
    struct tdh_guard_word word = { .kind = TDH_GUARD_STARTED };
    struct td_err err;
    int rc = prepare(paper, guard, &word.value, &err);

    if (rc == 0) {
        tell(told, &word);
        run(json_object_get(paper, "program"), &err);
    }
    word = (struct tdh_guard_word){ .kind = TDH_GUARD_FAILED, .code = err.code };
    snprintf(word.text, sizeof(word.text), "%s", err.text);
    tell(told, &word);
}
