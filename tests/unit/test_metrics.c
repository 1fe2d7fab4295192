/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics: cells as Prometheus reads them: one family per name, in order, with escapes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/ledger.h"
#include "base/metric.h"
#include "http/health.h"
#include "observe/observe.h"

static struct tdh_metric second = TDH_GAUGE("test_second", "A \"gauge\"\nof \\ two lines");
static struct tdh_metric first = TDH_COUNTER("test_first_total", "Of one file");
static struct tdh_metric first_too = TDH_COUNTER("test_first_total", "Of one file");

static void a_name_is_one_family_in_its_place(void **state)
{
    static const char want[] = "# HELP test_first_total Of one file\n"
                               "# TYPE test_first_total counter\n"
                               "test_first_total 7\n"
                               "# HELP test_second A \"gauge\"\\nof \\\\ two lines\n"
                               "# TYPE test_second gauge\n"
                               "test_second -5\n";
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_metric_set(&second, -5);
    tdh_metric_add(&first, 3);
    tdh_metric_add(&first_too, 4);
    tdh_metrics_print(&buf);
    assert_false(buf.failed);
    if (strstr(buf.data, want) == NULL)
        fail_msg("%s", buf.data);
    tdh_buf_free(&buf);
}

static void the_process_is_told(void **state)
{
    static const char *const names[] = { "process_cpu_seconds_total counter",
                                         "process_resident_memory_bytes gauge",
                                         "process_start_time_seconds gauge",
                                         "process_open_fds gauge",
                                         "process_max_fds gauge",
                                         "tdev_build_info gauge" };
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_metrics_print(&buf);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strstr(buf.data, names[i]) == NULL)
            fail_msg("no %s", names[i]);
    assert_true(strtod(strstr(buf.data, "\nprocess_open_fds ") + 18, NULL) >= 3);
    assert_int_equal(buf.data[buf.length - 1], '\n');
    tdh_buf_free(&buf);
}

/* Two of one name are one: a series may stand there once. */
static void upstreams_are_told_by_name(void **state)
{
    static struct tdh_health one = { .name = "http://a:80", .calls = 3, .connections = 1 };
    static struct tdh_health same = { .name = "http://a:80", .calls = 4, .down_until_ns = 1 };
    static struct tdh_health other = { .name = "https://b:443", .faults = 2 };
    static const char *const lines[] = { "\ntdev_upstream_up{upstream=\"http://a:80\"} 0\n",
                                         "\ntdev_upstream_up{upstream=\"https://b:443\"} 1\n",
                                         "_requests_total{upstream=\"http://a:80\"} 7\n",
                                         "_faults_total{upstream=\"https://b:443\"} 2\n",
                                         "_open{upstream=\"http://a:80\"} 1\n" };
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_health_list(&one);
    tdh_health_list(&other);
    tdh_health_list(&same);
    tdh_metrics_print(&buf);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *at = strstr(buf.data, lines[i]);

        if (at == NULL || strstr(at + 1, lines[i]) != NULL)
            fail_msg("%s: %s", lines[i], buf.data);
    }
    tdh_health_unlist(&other);
    tdh_health_unlist(&one);
    tdh_health_unlist(&same);
    tdh_buf_clear(&buf);
    tdh_metrics_print(&buf);
    assert_null(strstr(buf.data, "tdev_upstream_up"));
    tdh_buf_free(&buf);
}

static void tenants_are_told_and_share_a_line_beyond_the_bound(void **state)
{
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_metrics_print(&buf);
    assert_null(strstr(buf.data, "tdev_tenant_"));
    buf.length = 0;
    for (int n = 0; n < TDH_LEDGER_TENANTS + 2; n++) {
        char name[32];

        snprintf(name, sizeof(name), "t%d", n);
        tdh_ledger_add(&tdh_ledger_line(TDH_LEDGER_TENANT, name, "")->calls, 3);
    }
    tdh_metrics_print(&buf);
    assert_non_null(strstr(buf.data, "# TYPE tdev_tenant_calls_total counter\n"));
    assert_non_null(strstr(buf.data, "tdev_tenant_calls_total{tenant=\"t0\"} 3\n"));
    assert_non_null(strstr(buf.data, "tdev_tenant_calls_total{tenant=\"(others)\"} 6\n"));
    assert_null(strstr(buf.data, "tenant=\"t100\""));
    tdh_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_one_family_in_its_place),
        cmocka_unit_test(the_process_is_told),
        cmocka_unit_test(upstreams_are_told_by_name),
        cmocka_unit_test(tenants_are_told_and_share_a_line_beyond_the_bound),
    };

    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
