/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast: shows what would become of plugins on a host, gate by gate.
 */
#include "cli/forecast.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

const char *const tdh_cli_verdicts[] = {
    [TDH_ALLOW] = "allow",
    [TDH_DEPRECATED] = "deprecated",
    [TDH_BLOCK] = "block",
};

static const struct {
    const char *name; /* of one gate, in JSON */
    const char *mark; /* the same, for people */
    const char *end;  /* of all of them */
} outlooks[] = {
    [TDH_PASSES] = { "ok", "ok", "it would load" },
    [TDH_WARNS] = { "warning", "warn", "it would load, with a warning" },
    [TDH_UNKNOWN] = { "unknown", "?", "it may load: not all of it can be told" },
    [TDH_FAILS] = { "refused", "not ok", "it would not load" },
};

int tdh_args_against(const struct tdh_args *args, const struct tdh_plugins *plugins,
                     struct tdh_terms *ret_terms, bool *ret_is_other, struct td_err *err)
{
    const char *text = tdh_args_value(args, "against", NULL);

    *ret_terms = tdh_plugins_terms(plugins);
    *ret_is_other = text != NULL;
    return text != NULL ? tdh_terms_parse(text, ret_terms, err) : 0;
}

json_t *tdh_cli_terms(const struct tdh_terms *terms)
{
    char host[128], sdk[128], day[TDH_DAY_TEXT];

    return json_pack("{s:s, s:s, s:s}", "host", tdh_semver_print(&terms->host, host, sizeof(host)),
                     "sdk", tdh_semver_print(&terms->sdk, sdk, sizeof(sdk)), "day",
                     tdh_day_print(terms->day, day));
}

static json_t *describe_row(const struct tdh_forecast_row *row)
{
    json_t *gate = json_pack("{s:s, s:s, s:s}", "gate", row->gate, "outcome",
                             outlooks[row->outlook].name, "text", row->text);

    if (row->hint[0] != '\0')
        json_object_set_new(gate, "hint", json_string(row->hint));
    return gate;
}

json_t *tdh_cli_forecast(const char *path, const struct tdh_forecast *forecast)
{
    json_t *value =
        json_pack("{s:s, s:s}", "path", path, "outcome", outlooks[forecast->outlook].name);
    json_t *gates = json_array();

    if (forecast->kind != 0) {
        json_object_set_new(value, "name", json_string(forecast->name));
        json_object_set_new(value, "version", json_string(forecast->version));
        json_object_set_new(value, "kind", json_string(tdh_kind_name(forecast->kind)));
    }
    if (forecast->note.size != 0) {
        json_object_set_new(value, "sdk", json_string(forecast->note.sdk));
        json_object_set_new(
            value, "abi",
            json_sprintf("%u.%u", forecast->note.stamp.major, forecast->note.stamp.minor));
    }
    for (size_t i = 0; i < forecast->count; i++)
        json_array_append_new(gates, describe_row(&forecast->rows[i]));
    json_object_set_new(value, "gates", gates);
    return value;
}

static size_t outlook_of(const json_t *value)
{
    const char *name = tdh_json_str(value, "outcome", "");
    size_t at = 0;

    while (at < TDH_FAILS && strcmp(outlooks[at].name, name) != 0)
        at++;
    return at;
}

void tdh_cli_print_forecast(const json_t *forecast, const json_t *terms)
{
    const json_t *gates = json_object_get(forecast, "gates"), *gate;
    size_t i;

    printf("%s on tdev %s with SDK %s, %s\n", tdh_json_str(forecast, "path", ""),
           tdh_json_str(terms, "host", ""), tdh_json_str(terms, "sdk", ""),
           tdh_json_str(terms, "day", ""));
    json_array_foreach (gates, i, gate) {
        const char *hint = tdh_json_str(gate, "hint", NULL);

        printf("  %-7s %-10s %s\n", outlooks[outlook_of(gate)].mark, tdh_json_str(gate, "gate", ""),
               tdh_json_str(gate, "text", ""));
        if (hint != NULL)
            printf("                     %s\n", hint);
    }
    printf("%s%s\n", outlooks[outlook_of(forecast)].end,
           json_object_get(forecast, "kind") == NULL ? ", as far as its library tells" : "");
}
