/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: what became of the processes of isolated plugins, and of plugins that could not be
 * exchanged, for whoever looks from outside: a small file beside the copies of libraries,
 * NAME.PID.UNIT.state with PID of the tdev that has the plugin.
 *
 * It is written when something changes and removed when that tdev has done with the plugin; what a
 * tdev left behind that was killed is removed by who looks next. Nothing depends on it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "plugin/runner.h"

enum { STATUS_BYTES_MAX = 8192 };
static const char suffix[] = ".state";

static const char *const states[] = {
    [TDH_RUNNER_DOWN] = "down", [TDH_RUNNER_UP] = "up", [TDH_RUNNER_GIVEN_UP] = "given up"
};

static void print_path(const struct tdh_status *of, char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s.%d.%s%s", of->private_dir, of->plugin, (int)getpid(), of->unit,
             suffix);
}

void tdh_status_say(const struct tdh_status *of, json_t *status)
{
    char *text = status != NULL ? tdh_json_text(status, 0) : NULL;
    char path[PATH_MAX];
    int fd;

    print_path(of, path);
    fd =
        text != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        unlink(path); /* a full disk: then nobody is told */
    if (fd >= 0)
        close(fd);
    free(text);
    json_decref(status);
}

void tdh_status_unsay(const struct tdh_status *of)
{
    char path[PATH_MAX];

    print_path(of, path);
    unlink(path);
}

static struct tdh_status status_of(const struct tdh_runner *runner)
{
    return (struct tdh_status){ runner->private_dir, runner->plugin->manifest->name,
                                runner->plugin->edition };
}

void tdh_runner_tell(const struct tdh_runner *runner)
{
    const struct tdh_status of = status_of(runner);

    tdh_status_say(&of, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s}", "plugin", of.plugin, "state",
                                  states[runner->state], "tdev", (json_int_t)getpid(), "process",
                                  (json_int_t)runner->pid, "ends", (json_int_t)runner->crashes,
                                  "why", runner->crashes > 0 ? runner->why.text : ""));
}

void tdh_runner_untell(const struct tdh_runner *runner)
{
    const struct tdh_status of = status_of(runner);

    tdh_status_unsay(&of);
}

/* --- who looks --- */

static bool is_alive(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* new; NULL: nobody's, or it makes no sense (now). */
static json_t *read_status(const char *path)
{
    struct td_err ignored;
    json_t *status = tdh_json_read(path, STATUS_BYTES_MAX, &ignored);

    if (status == NULL)
        return NULL;
    if (is_alive((pid_t)json_integer_value(json_object_get(status, "tdev"))))
        return status;
    unlink(path);
    json_decref(status);
    return NULL;
}

json_t *tdh_plugins_processes(const struct tdh_plugins *plugins)
{
    DIR *dir = opendir(plugins->private_dir);
    json_t *list = json_array();
    const struct dirent *file;

    while (dir != NULL && (file = readdir(dir)) != NULL) {
        size_t length = strlen(file->d_name);
        char path[PATH_MAX + 260];
        json_t *status;

        if (length < sizeof(suffix) ||
            strcmp(file->d_name + length - sizeof(suffix) + 1, suffix) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", plugins->private_dir, file->d_name);
        status = read_status(path);
        if (status != NULL)
            json_array_append_new(list, status);
    }
    if (dir != NULL)
        closedir(dir);
    return list;
}
