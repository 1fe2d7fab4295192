/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errors: the codes of errors, and what follows from each.
 */
#include <stdio.h>

#include "base/err_json.h"
#include "cli/cli.h"

static void print_code(const struct td_code_info *info)
{
    printf("%-14s  %-16s  %-8s  %-5s  %s\n", info->name, info->category, info->severity,
           info->is_retryable ? "yes" : "no", tdh_err_meaning(info->code));
}

static json_t *list_codes(void)
{
    json_t *list = json_array();

    for (int code = TD_OK + 1; code < TD_E_MAX_; code++) {
        const struct td_code_info *info = td_code_info((enum td_code)code);

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:b, s:s}", "code", info->name, "category",
                                        info->category, "severity", info->severity, "retryable",
                                        info->is_retryable, "text", tdh_err_meaning(info->code)));
    }
    return list;
}

int tdh_verb_errors(const struct tdh_args *args)
{
    if (args->is_json) {
        tdh_cli_print(list_codes());
        return 0;
    }
    printf("%-14s  %-16s  %-8s  %-5s  %s\n", "code", "category", "severity", "retry", "it means");
    for (int code = TD_OK + 1; code < TD_E_MAX_; code++)
        print_code(td_code_info((enum td_code)code));
    return 0;
}
