/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tdevd: the daemon. Everything is in the library; here are its options, its signals and its end.
 */
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "main/end.h"
#include "main/main.h"

static const char usage[] =
    "usage: tdevd [--config FILE] [--profile NAME]\n"
    "\n"
    "goes on with runs that nobody owns, starts workflows by their triggers, and answers\n"
    "/healthz, /readyz and /metrics over HTTP (http.listen: 127.0.0.1:8338)\n"
    "\n"
    "      --config FILE            configuration file instead of the usual one\n"
    "      --profile NAME           profile of the configuration\n"
    "      --version                print the version\n"
    "  -h, --help                   this text\n"
    "\n"
    "Without --config, root's tdevd is the machine's: etc/tdev/tdevd.yaml, /var/lib/tdev. Another\n"
    "user's looks where that user's tdev does: ~/.config/tdev, ~/.local/state/tdev.\n"
    "\n"
    "SIGHUP reads configuration, workflows, the compatibility matrix and the certificate again;\n"
    "SIGTERM and SIGINT end it, when requests in flight have ended (http.drain).\n";

static int signals[2]; /* from the handler, to the daemon */

static void note_signal(int number)
{
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(signals[1], &byte, 1); /* full: there are enough of them */

    (void)ignored;
}

static int take_signals(struct td_err *err)
{
    static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
    struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };

    if (pipe2(signals, O_CLOEXEC | O_NONBLOCK) != 0)
        return td_fail_sys(err, "could not make a pipe for signals");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write, not the end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    return 0;
}

/* The exit code; -1: to go on. */
static int parse(int argc, char **argv, const char **config, const char **profile)
{
    static const struct option options[] = { { "config", required_argument, NULL, 'c' },
                                             { "profile", required_argument, NULL, 'p' },
                                             { "version", no_argument, NULL, 'v' },
                                             { "help", no_argument, NULL, 'h' },
                                             { NULL, 0, NULL, 0 } };
    int letter;

    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'c':
            *config = optarg;
            break;
        case 'p':
            *profile = optarg;
            break;
        case 'v':
            printf("tdevd %s (SDK %s)\n", TDH_HOST_VERSION, TD_SDK_VERSION);
            return TDH_EXIT_DONE;
        case 'h':
            fputs(usage, stdout);
            return TDH_EXIT_DONE;
        default:
            return TDH_EXIT_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "tdevd: one word too many: \"%.80s\"\n", argv[optind]);
    return TDH_EXIT_USAGE;
}

static int serve(const char *config, const char *profile, uint64_t begun_ns, struct td_err *err)
{
    struct tdh_daemon daemon = { .begun_ns = begun_ns };
    struct tdh_host *host = NULL;
    int lock = -1, rc = -1;

    if (take_signals(err) == 0)
        host = tdh_hosts_daemon.open(config, profile, err);
    daemon.signals = signals[0];
    daemon.host = host;
    if (host != NULL && tdh_daemon_lock(host, &lock, err) == 0)
        rc = tdh_hosts_daemon.run(host, TDH_HOST_WHOLE, tdh_daemon_serve, &daemon, err);
    tdh_hosts_daemon.free(host);
    if (lock >= 0)
        close(lock);
    return rc;
}

int main(int argc, char **argv)
{
    const char *config = NULL, *profile = NULL;
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct td_err err;
    int rc = parse(argc, argv, &config, &profile);

    if (rc >= 0)
        return rc;
    setlocale(LC_CTYPE, "");
    tdh_end_watch();
    rc = TDH_EXIT_DONE;
    if (serve(config, profile, begun_ns, &err) != 0)
        rc = tdh_cli_fail(&(struct tdh_args){ 0 }, &err);
    tdh_end_allow();
    return rc;
}
