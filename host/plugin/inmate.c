/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate: the life of the process in which an isolated plugin runs.
 *
 * It reads what it is to run, gives up what the plugin may not do, opens the library, says so, and
 * then does what the host asks for until that tells it to end, or is gone. The plugin's code runs
 * in a runtime of one worker, as it would inline.
 */
#include "plugin/inmate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "plugin/guard.h"

struct tdh_inmate tdh_inmate;

/* --- the paper --- */

static char *read_memory(int fd, size_t *ret_length, struct td_err *err)
{
    struct stat status;
    char *text = NULL;

    if (fstat(fd, &status) != 0 || status.st_size <= 0) {
        td_fail(err, TD_E_INVAL, "tdev-runner is started by tdev, not by hand");
        return NULL;
    }
    text = malloc((size_t)status.st_size);
    if (text != NULL && pread(fd, text, (size_t)status.st_size, 0) == status.st_size) {
        *ret_length = (size_t)status.st_size;
        return text;
    }
    free(text);
    td_fail(err, TD_E_IO, "could not read what to run");
    return NULL;
}

static bool is_of_program(const struct tdh_paper *paper)
{
    return json_is_object(json_object_get(paper->text, "program"));
}

static int check_paper(const struct tdh_paper *paper, struct td_err *err)
{
    const json_t *link = json_object_get(paper->text, "link");

    if (json_integer_value(link) != TDH_LINK_VERSION ||
        strcmp(tdh_json_str(paper->text, "tdev", ""), TDH_HOST_VERSION) != 0) {
        td_fail(err, TD_E_ABI, "tdev-runner is of version %s, tdev is of version %s",
                TDH_HOST_VERSION, tdh_json_str(paper->text, "tdev", "?"));
        return td_hint(err, "install tdev again as a whole");
    }
    if (!is_of_program(paper) &&
        (paper->folder == NULL || paper->copy == NULL || paper->hash == NULL))
        return td_fail(err, TD_E_INVAL, "tdev-runner was not told what to run");
    return 0;
}

static int read_manifest(struct tdh_paper *paper, struct td_err *err)
{
    char *text = tdh_json_text(json_object_get(paper->text, "manifest"), 0);

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a manifest");
    paper->manifest = tdh_manifest_parse(text, strlen(text), paper->folder, err);
    free(text);
    return paper->manifest != NULL ? 0 : -1;
}

static int read_paper(struct tdh_paper *paper, struct td_err *err)
{
    size_t length;
    char *text = read_memory(TDH_FD_PAPER, &length, err);

    if (text == NULL)
        return -1;
    paper->text = tdh_json_parse(text, length, "paper", err);
    free(text);
    if (paper->text == NULL)
        return -1;
    paper->folder = tdh_json_str(paper->text, "folder", NULL);
    paper->copy = tdh_json_str(paper->text, "copy", NULL);
    paper->hash = tdh_json_str(paper->text, "hash", NULL);
    paper->data_dir = tdh_json_str(paper->text, "data_dir", "");
    paper->host = (pid_t)json_integer_value(json_object_get(paper->text, "host"));
    paper->is_strict = json_is_true(json_object_get(paper->text, "strict"));
    if (check_paper(paper, err) != 0)
        return -1;
    return is_of_program(paper) ? 0 : read_manifest(paper, err);
}

/* --- the start --- */

static int map_link(struct tdh_inmate *inmate, struct td_err *err)
{
    void *shared =
        mmap(NULL, sizeof(*inmate->shared), PROT_READ | PROT_WRITE, MAP_SHARED, TDH_FD_LINK, 0);

    if (shared == MAP_FAILED)
        return td_fail_sys(err, "could not map the memory for messages");
    inmate->shared = shared;
    fcntl(TDH_FD_WAKE_IN, F_SETFL, O_NONBLOCK);
    fcntl(TDH_FD_WAKE_OUT, F_SETFL, O_NONBLOCK);
    tdh_link_begin(&inmate->link, shared, false, TDH_FD_WAKE_OUT);
    return 0;
}

/* It ends with the host, whatever becomes of that. */
static int tie_to_host(pid_t host, struct td_err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return td_fail_sys(err, "could not tie the process to tdev's");
    if (getppid() != host)
        return td_fail(err, TD_E_INVAL, "tdev has ended meanwhile");
    return 0;
}

static int open_plugin(struct tdh_inmate *inmate, struct td_err *err)
{
    const struct tdh_paper *paper = &inmate->paper;

    if (tie_to_host(paper->host, err) != 0 || tdh_confine(paper, &inmate->lacks, err) != 0)
        return -1;
    inmate->plugin = tdh_plugin_open_copy(paper->manifest, paper->copy, paper->hash, err);
    return inmate->plugin != NULL ? 0 : -1;
}

static int say_ready(struct tdh_inmate *inmate, int rc, const struct td_err *why)
{
    const struct tdh_frame_head head = { .kind = TDH_FRAME_READY,
                                         .place = inmate->lacks,
                                         .rc = rc };
    struct tdh_buf payload = { 0 };
    struct td_err err;
    int sent;

    if (rc != 0)
        tdh_frame_put_err(&payload, why);
    sent = tdh_link_send(&inmate->link, &head, payload.data, payload.length, &err);
    tdh_buf_free(&payload);
    return sent;
}

/* --- at work --- */

static void drain(struct tdh_inmate *inmate)
{
    struct tdh_frame *frame;

    tdh_link_flush(&inmate->link);
    do
        while ((frame = tdh_link_take(&inmate->link)) != NULL) {
            inmate->lookout.is_hopeful = true;
            tdh_inmate_take(frame);
        }
    while (inmate->link.fault == NULL && tdh_link_await(&inmate->link, true));
    if (inmate->link.fault != NULL)
        _exit(1);
}

static void on_wake(void *arg)
{
    char bytes[64];
    ssize_t got = read(TDH_FD_WAKE_IN, bytes, sizeof(bytes));

    if (got == 0)
        _exit(1); /* the host is gone */
    drain(arg);
}

static bool look(struct tdh_lookout *lookout, bool is_last)
{
    struct tdh_inmate *inmate = &tdh_inmate;

    (void)lookout;
    if (!tdh_link_await(&inmate->link, is_last))
        return false;
    drain(inmate);
    return true;
}

static void work(void *arg)
{
    struct tdh_inmate *inmate = arg;
    struct td_err err;

    inmate->worker = tdh_worker_self();
    inmate->main = tdh_co_self();
    inmate->watch = tdh_fd_watch_new(TDH_FD_WAKE_IN, on_wake, inmate, &err);
    if (inmate->watch == NULL || say_ready(inmate, 0, NULL) != 0)
        return;
    inmate->lookout.look = look;
    tdh_lookout_add(&inmate->lookout);
    drain(inmate);
    while (!inmate->is_over)
        tdh_co_park();
    tdh_inmate_drop_all();
    tdh_lookout_remove(&inmate->lookout);
    tdh_fd_watch_free(inmate->watch);
}

static int serve(struct tdh_inmate *inmate, struct td_err *err)
{
    const struct tdh_runtime_options options = {
        .workers = 1,
        .blocking_threads = TDH_INMATE_THREADS,
        .coroutines_max = 2 * TDH_RUNNER_CALLS + 16, /* a request, and one that waits for it */
    };

    tdh_inmate_services(&inmate->services);
    inmate->runtime = tdh_runtime_new(&options, err);
    if (inmate->runtime == NULL)
        return -1;
    if (tdh_runtime_run(inmate->runtime, work, inmate, err) != 0)
        return -1;
    tdh_runtime_free(inmate->runtime);
    return 0;
}

int tdh_runner_main(void)
{
    struct tdh_inmate *inmate = &tdh_inmate;
    struct td_err err;
    int rc;

    signal(SIGPIPE, SIG_IGN);
    rc = read_paper(&inmate->paper, &err);
    if (rc == 0 && is_of_program(&inmate->paper))
        return tdh_guard_main(inmate->paper.text);
    tdh_inmate_watch_crashes();
    if (rc != 0 || map_link(inmate, &err) != 0) {
        fprintf(stderr, "tdev-runner: %s\n", err.text);
        return 2;
    }
    rc = open_plugin(inmate, &err);
    if (rc == 0)
        rc = serve(inmate, &err);
    if (rc != 0)
        say_ready(inmate, rc, &err);
    tdh_plugin_release(inmate->plugin);
    return rc == 0 ? 0 : 1;
}
