/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err_json: errors as JSON, and the reference of their codes.
 */
#include "base/err_json.h"

#include "base/json.h"

static int add_told(json_t *value, const struct td_err *error)
{
    if (error->retry_after_ms > 0 &&
        json_object_set_new(value, "retry_after_ms", json_integer(error->retry_after_ms)) != 0)
        return -1;
    return error->hint[0] != '\0' ? json_object_set_new(value, "hint", json_string(error->hint))
                                  : 0;
}

/* Returns value, or NULL when something is missing. */
static json_t *add_or_drop(json_t *value, const struct td_err *error)
{
    if (value != NULL && add_told(value, error) == 0)
        return value;
    json_decref(value);
    return NULL;
}

json_t *tdh_err_json(const struct td_err *error)
{
    const struct td_code_info *info = td_code_info(error->code);

    return add_or_drop(json_pack("{s:s, s:s, s:s, s:b, s:s}", "code", info->name, "category",
                                 info->category, "severity", info->severity, "retryable",
                                 error->is_retryable, "text", error->text),
                       error);
}

json_t *tdh_err_json_short(const struct td_err *error)
{
    json_t *value =
        json_pack("{s:s, s:s}", "code", td_code_info(error->code)->name, "text", error->text);

    if (value != NULL && error->is_retryable &&
        json_object_set_new(value, "retryable", json_true()) != 0) {
        json_decref(value);
        return NULL;
    }
    return add_or_drop(value, error);
}

void tdh_err_from_json(const json_t *value, struct td_err *ret_error)
{
    json_int_t after_ms = json_integer_value(json_object_get(value, "retry_after_ms"));

    td_fail(ret_error, td_code_from_name(tdh_json_str(value, "code", "internal")), "%s",
            tdh_json_str(value, "text", ""));
    td_hint(ret_error, "%s", tdh_json_str(value, "hint", ""));
    ret_error->is_retryable = json_is_true(json_object_get(value, "retryable"));
    ret_error->retry_after_ms = after_ms > 0 && after_ms <= UINT32_MAX ? (uint32_t)after_ms : 0;
}

/* What each code says, in the words of sdk/include/tdev/err.h. */
static const char *const meanings[TD_E_MAX_] = {
    [TD_E_NOMEM] = "memory could not be allocated",
    [TD_E_INVAL] = "an input breaks a rule; the text names the thing and the rule",
    [TD_E_NOTFOUND] = "what was named is not there",
    [TD_E_EXISTS] = "what was to be made is there already",
    [TD_E_ABI] = "two binaries do not fit each other",
    [TD_E_IO] = "the system refused",
    [TD_E_CONFIG] = "a file the user wrote cannot be used",
    [TD_E_PERM] = "not permitted",
    [TD_E_TIMEOUT] = "the deadline passed",
    [TD_E_CANCELLED] = "the caller no longer wants it",
    [TD_E_LIMIT] = "a named bound was reached",
    [TD_E_CONFLICT] = "somebody else was first",
    [TD_E_UNAVAILABLE] = "a peer or service cannot be reached now",
    [TD_E_EXTERNAL] = "a peer answered with a failure",
    [TD_E_DEPENDENCY] = "something this rests on is missing or failed",
    [TD_E_EXEC] = "the work itself failed",
    [TD_E_CORRUPT] = "stored bytes do not make sense",
    [TD_E_UNSUPPORTED] = "this host or backend does not offer it",
    [TD_E_DOUBT] = "an external effect may or may not have happened",
    [TD_E_INTERNAL] = "a bug of tdev, told instead of ending the process",
};

const char *tdh_err_meaning(enum td_code code)
{
    return (unsigned)code < TD_E_MAX_ && meanings[code] != NULL ? meanings[code] : "";
}

static void print_code(struct tdh_buf *buf, enum td_code code)
{
    const struct td_code_info *info = td_code_info(code);

    tdh_buf_printf(buf, "| `%s` | %s | %s | %s | %s |\n", info->name, info->category,
                   info->severity, info->is_retryable ? "yes" : "no", tdh_err_meaning(code));
}

void tdh_err_reference(struct tdh_buf *buf)
{
    tdh_buf_text(
        buf,
        "# Errors\n\n"
        "Made from the table that the programs use (`sdk/lib/err.c`).\n\n"
        "An error says what was tried, on what, and why it failed. As JSON, with `--json`, in a "
        "run's record and in events, it is\n\n"
        "    {\"code\": \"unavailable\", \"category\": \"communication\", \"severity\": \"high\", "
        "\"retryable\": true, \"text\": \"...\",\n"
        "     \"retry_after_ms\": 1500, \"hint\": \"...\"}\n\n"
        "`category` and `severity` follow from the code. `retryable` says whether the same call "
        "may succeed later; what the table has is the\n"
        "default, which the failing side may change. `retry_after_ms` and `hint`, the way out as "
        "a sentence, are there when they were told.\n"
        "What is done about a failure can be written down as a [policy](policies.md).\n\n"
        "| code | category | severity | retryable | it means |\n"
        "| --- | --- | --- | --- | --- |\n");
    for (int code = TD_OK + 1; code < TD_E_MAX_; code++)
        print_code(buf, (enum td_code)code);
}
