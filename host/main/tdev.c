/* SPDX-License-Identifier: Apache-2.0 */
/* tdev: the command. Everything is in the library. */
#include <locale.h>
#include <signal.h>

#include "main/end.h"
#include "main/main.h"

int main(int argc, char **argv)
{
    int rc;

    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    setlocale(LC_CTYPE, "");
    tdh_end_watch();
    rc = tdh_cli_main(argc, argv, &tdh_hosts_embedded);
    tdh_end_allow();
    return rc;
}
