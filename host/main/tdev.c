/* SPDX-License-Identifier: Apache-2.0 */
/* tdev: the command. Everything is in the library. */
#include <locale.h>
#include <signal.h>

#include "main/main.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    setlocale(LC_CTYPE, "");
    return tdh_cli_main(argc, argv, &tdh_hosts_embedded);
}
