/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep: applies the retention of runs while tdevd runs: a pass each minute and after each reload,
 * in portions. Between two of them it rests as long as the last one took, so that whoever else
 * wants the store has half of the time, also with a million runs that are due.
 */
#include "base/clock.h"
#include "base/log.h"
#include "main/main.h"

enum { PASS_MS = 60 * 1000, REST_MIN_MS = 10, COPIES_PASSES = 1440 };

static void tell(const struct tdh_keeper *keeper)
{
    struct tdh_kept kept = tdh_keeper_told(keeper);

    if (kept.run_count + kept.definition_count > 0)
        tdh_log(
            TDH_LOG_INFO, "tdevd",
            TDH_FACTS(TDH_I("runs", kept.run_count), TDH_I("definitions", kept.definition_count)),
            "took away runs that had ended and were due, and definitions that none refers to");
}

/* What plugins left; once a day, as nothing else depends on it. */
static void tidy_copies(struct tdh_host *host, unsigned pass)
{
    struct tdh_plugin_copies copies;
    struct td_err err;

    if (pass % COPIES_PASSES != 0)
        return;
    if (tdh_plugins_tidy(host->plugins, &copies, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "tdevd", &err);
    else if (copies.removed > 0)
        tdh_log(TDH_LOG_INFO, "tdevd", TDH_FACTS(TDH_I("copies", copies.removed)),
                "took away copies of plugins that nobody has opened for long");
}

/* One pass; false: it was told to end. */
static bool pass(struct tdh_host *host, struct tdh_keeper *keeper)
{
    bool is_more = true;

    while (is_more) {
        struct tdh_retention retention =
            tdh_cli_retention(host->reread != NULL ? host->reread : host->conf);
        uint64_t begun_ns = tdh_clock_mono_ns(), took_ns, rest_ns;
        struct td_err err;

        if (tdh_keeper_step(keeper, &retention, &is_more, &err) != 0)
            tdh_log_err(TDH_LOG_WARNING, "tdevd", &err);
        took_ns = tdh_clock_mono_ns() - begun_ns;
        rest_ns = REST_MIN_MS * UINT64_C(1000000);
        if (is_more && tdh_co_wait(begun_ns + took_ns + (took_ns > rest_ns ? took_ns : rest_ns)) ==
                           TDH_WAIT_CANCELLED)
            return false;
    }
    tell(keeper);
    return true;
}

void tdh_keep_work(struct tdh_host *host)
{
    struct td_err err;
    struct tdh_keeper *keeper = tdh_keeper_new(host->engine, false, &err);

    if (keeper == NULL)
        tdh_log_err(TDH_LOG_ERROR, "tdevd", &err);
    for (unsigned i = 0; keeper != NULL && pass(host, keeper); i++) {
        tidy_copies(host, i);
        if (tdh_co_wait(tdh_clock_mono_ns() + PASS_MS * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            break;
    }
    tdh_keeper_free(keeper);
}
