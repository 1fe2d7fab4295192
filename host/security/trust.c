/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust: the public keys that are trusted, few enough to be looked through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "security/security.h"

enum { FILE_BYTES_MAX = 64 << 10 };

struct tdh_trust {
    struct trusted {
        struct tdh_public_key key;
        char owner[TDH_KEY_OWNER + 1];
    } * keys;
    size_t count;
};

struct tdh_trust *tdh_trust_new(struct td_err *err)
{
    struct tdh_trust *trust = calloc(1, sizeof(*trust));

    if (trust != NULL)
        trust->keys = calloc(TDH_TRUSTED_MAX, sizeof(*trust->keys));
    if (trust != NULL && trust->keys != NULL)
        return trust;
    tdh_trust_free(trust);
    td_fail(err, TD_E_NOMEM, "could not allocate the trusted keys");
    return NULL;
}

static int add_line(struct tdh_trust *trust, const char *line, struct td_err *err)
{
    struct tdh_public_key key;
    struct trusted *row;
    const char *owner;

    if (tdh_public_key_parse(line, &key, &owner, err) != 0)
        return -1;
    if (trust->count == TDH_TRUSTED_MAX)
        return td_fail(err, TD_E_LIMIT, "more than %d keys are trusted", TDH_TRUSTED_MAX);
    row = &trust->keys[trust->count++];
    row->key = key;
    snprintf(row->owner, sizeof(row->owner), "%s", owner);
    return 0;
}

/* The text is cut into lines in place. */
static int add_lines(struct tdh_trust *trust, char *text, const char *path, struct td_err *err)
{
    unsigned number = 0;

    for (char *line = strsep(&text, "\n"); line != NULL; line = strsep(&text, "\n")) {
        number++;
        line[strcspn(line, "\r")] = '\0';
        line += strspn(line, " \t");
        if (line[0] != '\0' && line[0] != '#' && add_line(trust, line, err) != 0)
            return td_context(err, "%s:%u", path, number);
    }
    return 0;
}

int tdh_trust_add(struct tdh_trust *trust, const char *text, struct td_err *err)
{
    size_t length;
    char *lines;
    int rc;

    if (strncmp(text, "ed25519 ", 8) == 0)
        return add_line(trust, text, err);
    lines = tdh_file_read(text, FILE_BYTES_MAX, &length, err);
    if (lines == NULL)
        return td_context(err, "trusted keys");
    rc = add_lines(trust, lines, text, err);
    free(lines);
    return rc;
}

int tdh_trust_add_all(struct tdh_trust *trust, const char *const *texts, struct td_err *err)
{
    for (; *texts != NULL; texts++)
        if (tdh_trust_add(trust, *texts, err) != 0)
            return -1;
    return 0;
}

const char *tdh_trust_find(const struct tdh_trust *trust, const struct tdh_public_key *key)
{
    for (size_t i = 0; trust != NULL && i < trust->count; i++)
        if (memcmp(&trust->keys[i].key, key, sizeof(*key)) == 0)
            return trust->keys[i].owner;
    return NULL;
}

void tdh_trust_free(struct tdh_trust *trust)
{
    if (trust == NULL)
        return;
    free(trust->keys);
    free(trust);
}
