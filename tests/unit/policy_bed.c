/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_bed: a folder with one file, read and gone.
 */
#include "policy_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

static struct tdh_policies *in_use;

static void cut_folder(struct td_err *err, const char *folder)
{
    size_t length = strlen(folder) + 1;

    if (strncmp(err->text, folder, length - 1) == 0)
        memmove(err->text, err->text + length, strlen(err->text + length) + 1);
}

struct tdh_policies *read_policies(const char *text, struct td_err *err)
{
    char folder[] = "/tmp/tdev-policies-XXXXXX", path[64];
    const char *const folders[] = { folder, "/nowhere", NULL };
    struct tdh_policies *policies;

    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof(path), "%s/p.yaml", folder);
    if (tdh_file_write(path, text, strlen(text), 0600, err) != 0)
        abort();
    policies = tdh_policies_read(folders, TEST_SRCDIR "/conf/schema/policy.json", err);
    if (policies == NULL)
        cut_folder(err, folder);
    unlink(path);
    rmdir(folder);
    return policies;
}

void use_policies(const char *text)
{
    struct td_err err;

    tdh_call_policies(NULL);
    tdh_policies_free(in_use);
    in_use = text != NULL ? read_policies(text, &err) : NULL;
    if (text != NULL && in_use == NULL) {
        fprintf(stderr, "%s\n%s\n", text, err.text);
        abort();
    }
    tdh_call_policies(in_use);
}
