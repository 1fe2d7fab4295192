/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config: shows and checks the configuration.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "conf/conf.h"

static int read_conf(const struct tdh_args *args, struct tdh_conf **ret_conf, struct td_err *err)
{
    struct tdh_conf_source source = { .file = args->config, .profile = args->profile };

    return tdh_conf_read(&source, ret_conf, err);
}

static int print_buf(struct tdh_buf *buf)
{
    bool failed = buf->failed;

    if (!failed)
        fputs(buf->data, stdout);
    tdh_buf_free(buf);
    return failed ? TDH_EXIT_FAILED : TDH_EXIT_DONE;
}

int tdh_verb_config_show(const struct tdh_args *args)
{
    struct tdh_buf buf = { 0 };
    struct tdh_conf *conf;
    struct td_err err;
    int rc;

    if (read_conf(args, &conf, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json) {
        rc = tdh_cli_print(tdh_conf_json(conf));
    } else {
        tdh_conf_print(conf, &buf);
        rc = print_buf(&buf);
    }
    tdh_conf_unref(conf);
    return rc;
}

int tdh_verb_config_check(const struct tdh_args *args)
{
    struct tdh_conf *conf;
    struct td_err err;
    const char *file;

    if (read_conf(args, &conf, &err) != 0)
        return tdh_cli_fail(args, &err);
    file = tdh_conf_file(conf);
    if (args->is_json)
        tdh_cli_print(json_pack("{s:b, s:s*}", "valid", 1, "file", file));
    else
        printf("%s is valid\n",
               file != NULL ? file : "the configuration (no file, defaults and environment)");
    tdh_conf_unref(conf);
    return TDH_EXIT_DONE;
}

int tdh_verb_config_reference(const struct tdh_args *args)
{
    struct tdh_buf buf = { 0 };

    (void)args;
    tdh_conf_reference(&buf);
    return print_buf(&buf);
}
