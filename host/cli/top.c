/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top: shows what plugins, agents and runs use, once, or again each second on a terminal.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/top.h"

enum { REFRESH_MS = 1000, ROWS_USUAL = 24, COLUMNS_USUAL = 80, LINES_ABOVE = 3 };
#define CTRL_C 3
#define SCREEN_ON "\033[?1049h\033[?25l"
#define SCREEN_OFF "\033[?25h\033[?1049l"

struct top {
    const char *state_dir;
    enum tdh_top_view view;
    enum tdh_top_order order;
    json_t *ledgers; /* of the newest look */
    json_t *before;  /* {PID: ledger}: of each process the newest that is older than that */
};

/* --- looking --- */

/* What stands in both looks alike is no earlier one: then the one before that stays. */
static void keep_before(struct top *top, const json_t *ledgers)
{
    json_t *kept = json_object(), *ledger, *old;
    size_t i, j;

    json_array_foreach (ledgers, i, ledger) {
        json_int_t number = json_integer_value(json_object_get(ledger, "tdev"));
        json_t *earlier;
        char pid[32];

        snprintf(pid, sizeof(pid), "%lld", (long long)number);
        earlier = json_object_get(top->before, pid);
        json_array_foreach (top->ledgers, j, old)
            if (json_integer_value(json_object_get(old, "tdev")) == number &&
                !json_equal(json_object_get(old, "at_us"), json_object_get(ledger, "at_us")))
                earlier = old;
        if (earlier != NULL)
            json_object_set(kept, pid, earlier);
    }
    json_decref(top->before);
    top->before = kept;
}

/* new; NULL with err. */
static json_t *look(struct top *top, struct td_err *err)
{
    json_t *ledgers = tdh_ledgers_read(top->state_dir, err), *sum;

    if (ledgers == NULL)
        return NULL;
    keep_before(top, ledgers);
    json_decref(top->ledgers);
    top->ledgers = ledgers;
    sum = tdh_top_sum(ledgers, top->before, tdh_clock_us());
    if (sum == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the sum of the ledgers");
    else
        tdh_top_sort(sum, top->view, top->order);
    return sum;
}

static void end(struct top *top)
{
    json_decref(top->ledgers);
    json_decref(top->before);
}

/* --- on a terminal --- */

static volatile sig_atomic_t is_told_to_end;

static void told_to_end(int number)
{
    (void)number;
    is_told_to_end = 1;
}

/* Lines that are as wide as the terminal at most, so that none takes two. */
static void put_lines(const char *text, size_t columns)
{
    fputs("\033[H", stdout);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), shown = length < columns ? length : columns;

        while (shown < length && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
            shown--; /* no half of a letter */
        fwrite(text, 1, shown, stdout);
        fputs("\033[K\r\n", stdout);
        text += length + (text[length] == '\n');
    }
    fputs("\033[J", stdout);
    fflush(stdout);
}

static void draw(const struct top *top, const json_t *sum)
{
    struct winsize size = { 0 };
    char *text = NULL;
    size_t length, rows;
    FILE *file = open_memstream(&text, &length);

    if (file == NULL)
        return;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){ .ws_row = ROWS_USUAL, .ws_col = COLUMNS_USUAL };
    rows = size.ws_row > LINES_ABOVE ? size.ws_row - LINES_ABOVE : 1;
    tdh_top_print(file, sum, top->view, top->order, rows, true);
    fclose(file);
    put_lines(text, size.ws_col);
    free(text);
}

/* False: it is to end. */
static bool take_key(struct top *top, char key)
{
    if (key == 's')
        top->order = (top->order + 1) % TDH_TOP_ORDERS;
    else if (key == 'b')
        top->view = (top->view + 1) % TDH_TOP_VIEWS;
    return key != 'q' && key != CTRL_C;
}

/* Until the next look. False: it is to end. */
static bool wait_for_key(struct top *top, uint64_t until_ns)
{
    for (;;) {
        uint64_t now_ns = tdh_clock_mono_ns();
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        char key;
        int rc;

        if (is_told_to_end)
            return false;
        if (now_ns >= until_ns)
            return true;
        rc = poll(&input, 1, (int)((until_ns - now_ns) / 1000000 + 1));
        if (rc == 0 || (rc < 0 && errno == EINTR))
            continue;
        if (rc < 0 || read(STDIN_FILENO, &key, 1) != 1)
            return false; /* nobody is there any more */
        return take_key(top, key);
    }
}

static int watch(struct top *top, struct td_err *err)
{
    bool is_on = true;

    while (is_on) {
        uint64_t until_ns = tdh_clock_mono_ns() + REFRESH_MS * UINT64_C(1000000);
        json_t *sum = look(top, err);

        if (sum == NULL)
            return -1;
        draw(top, sum);
        json_decref(sum);
        is_on = wait_for_key(top, until_ns);
    }
    return 0;
}

static int watch_on_terminal(struct top *top, struct td_err *err)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = told_to_end };
    struct termios before, raw;
    int rc;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return td_fail_sys(err, "could not read the terminal's settings");
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fputs(SCREEN_ON, stdout);
    rc = watch(top, err);
    fputs(SCREEN_OFF, stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return rc;
}

/* --- once --- */

static int show_once(const struct tdh_args *args, struct top *top, struct td_err *err)
{
    json_t *sum = look(top, err);

    if (sum == NULL)
        return -1;
    if (args->is_json)
        return tdh_cli_print(sum);
    tdh_top_print(stdout, sum, top->view, top->order, SIZE_MAX, false);
    json_decref(sum);
    return 0;
}

/* The place of a word in a list that ends with NULL; -1: it is none of them. */
static int place_of(const char *word, const char *const *list)
{
    for (int i = 0; list[i] != NULL; i++)
        if (strcmp(list[i], word) == 0)
            return i;
    return -1;
}

int tdh_verb_top(const struct tdh_args *args)
{
    const char *by = tdh_args_value(args, "by", "plugin"),
               *sort = tdh_args_value(args, "sort", "cpu");
    int view = place_of(by, tdh_top_views), order = place_of(sort, tdh_top_orders), rc;
    struct top top = { .view = (enum tdh_top_view)view, .order = (enum tdh_top_order)order };
    struct tdh_host *host;
    struct td_err err;

    if (view < 0)
        return tdh_cli_usage(args, "--by: \"%s\" must be plugin, agent, run or tenant", by);
    if (order < 0)
        return tdh_cli_usage(
            args, "--sort: \"%s\" must be cpu, calls, failures, wall, memory or name", sort);
    host = tdh_cli_host(args, &err);
    if (host == NULL)
        return tdh_cli_fail(args, &err);
    top.state_dir = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR);
    if (args->is_json || tdh_args_has(args, "once") || !isatty(STDOUT_FILENO) ||
        !isatty(STDIN_FILENO))
        rc = show_once(args, &top, &err);
    else
        rc = watch_on_terminal(&top, &err);
    end(&top);
    args->hosts->free(host);
    return rc == 0 ? TDH_EXIT_DONE : tdh_cli_fail(args, &err);
}
