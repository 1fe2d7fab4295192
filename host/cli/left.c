/* SPDX-License-Identifier: Apache-2.0 */
/*
 * left: a run outlasts the process that began it, whether that is told to end or has nothing more
 * to wait for. Who sat before it hears the run's id and what makes it go on.
 *
 * The words for a signal are made beforehand: a handler may only write them.
 */
#include "cli/left.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"

enum { NAMED_MAX = 5, WORDS_MAX = 256 };

static char words[WORDS_MAX];
static volatile sig_atomic_t length; /* of words; 0: there is nothing to say */

bool tdh_left_to_daemon(const struct tdh_host *host)
{
    char *lock;
    bool is_on;

    if (asprintf(&lock, "%s/" TDH_DAEMON_LOCK, tdh_conf_str(host->conf, TDH_CONF_STATE_DIR)) < 0)
        return false;
    is_on = tdh_lock_is_held(lock);
    free(lock);
    return is_on;
}

/* id: NULL: of many */
static void say_way(const struct tdh_host *host, const char *id, char *text, size_t size)
{
    const char *space = id != NULL ? " " : "";
    bool is_on = tdh_left_to_daemon(host);

    id = id != NULL ? id : "";
    if (!tdh_runs_last(host->engine))
        snprintf(text, size, "run%s%s was in memory only, and ends with this process", space, id);
    else if (is_on)
        snprintf(text, size, "run%s%s goes on with tdevd", space, id);
    else
        snprintf(text, size, "run%s%s is left where it is: tdev runs resume%s%s", space, id, space,
                 id);
}

static void on_signal(int number)
{
    ssize_t ignored = length > 0 ? write(STDERR_FILENO, words, (size_t)length) : 0;

    (void)ignored;
    signal(number, SIG_DFL);
    raise(number);
}

/* What is ignored, as by nohup, stays so. */
static void watch_signal(int number)
{
    struct sigaction now, action = { .sa_handler = on_signal };

    if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        sigaction(number, &action, NULL);
}

void tdh_left_watch(const struct tdh_host *host, const char *id)
{
    char way[WORDS_MAX - 2];

    say_way(host, id, way, sizeof(way));
    length = 0;
    length = snprintf(words, sizeof(words), "%s%s\n", isatty(STDERR_FILENO) ? "\n" : "", way);
    watch_signal(SIGINT);
    watch_signal(SIGTERM);
}

void tdh_left_forget(void)
{
    length = 0;
}

void tdh_left_tell(const struct tdh_host *host, const char *except)
{
    char ids[NAMED_MAX][TDH_ID_SIZE], way[WORDS_MAX];
    size_t count = tdh_runs_here(host->engine, except, ids, NAMED_MAX);

    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        say_way(host, ids[i], way, sizeof(way));
        fprintf(stderr, "%s\n", way);
    }
    if (count > NAMED_MAX)
        fprintf(stderr, "and %zu more: tdev runs list\n", count - NAMED_MAX);
}
