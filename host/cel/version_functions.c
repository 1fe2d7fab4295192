/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version functions: whether a version is in a range, by the rules of manifests.
 */
#include <string.h>

#include "base/semver.h"
#include "cel/function.h"

enum { TEXT_MAX = 256 };

static bool copy(struct cel_value text, char out[static TEXT_MAX])
{
    if (text.size >= TEXT_MAX || memchr(text.as.s, '\0', text.size) != NULL)
        return false;
    memcpy(out, text.as.s, text.size);
    out[text.size] = '\0';
    return true;
}

static struct cel_value satisfies(struct cel_run *run, const struct cel_value *args, size_t count)
{
    char version_text[TEXT_MAX], range_text[TEXT_MAX];
    struct tdh_semver version;
    struct tdh_range range;
    struct td_err ignored;

    (void)count;
    cel_charge(run, 4);
    if (!copy(args[0], version_text) || tdh_semver_parse(version_text, &version, &ignored) != 0)
        return cel_fault_about(run, "%s is not a version", args[0]);
    if (!copy(args[1], range_text) || tdh_range_parse(range_text, &range, &ignored) != 0)
        return cel_fault_about(run, "%s is not a range of versions", args[1]);
    return cel_bool(tdh_range_has(&range, &version));
}

static const struct cel_function rows[] = {
    { "satisfies",
      true,
      2,
      { CEL_BIT(CEL_STRING), CEL_BIT(CEL_STRING) },
      CEL_BIT(CEL_BOOL),
      satisfies },
};

const struct cel_family cel_version_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
