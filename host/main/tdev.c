/* SPDX-License-Identifier: Apache-2.0 */
/* tdev: the command. Everything is in the library. */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "main/main.h"

static bool is_over;

/* A plugin that calls exit() must not make a run look done. */
static void check_end(void)
{
    if (is_over)
        return;
    fputs("tdev: a plugin ended the process: tdev plugin conform FOLDER finds out which\n", stderr);
    _exit(TDH_EXIT_FAILED);
}

int main(int argc, char **argv)
{
    int rc;

    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    setlocale(LC_CTYPE, "");
    atexit(check_end);
    rc = tdh_cli_main(argc, argv, &tdh_hosts_embedded);
    is_over = true;
    return rc;
}
