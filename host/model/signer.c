/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signer: with what the requests of a provider are signed: a pair of keys from the environment, and
 * the token of a session if there is one. `key.sign` of its file says for which service and region.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/providers.h"

static const json_t *sign_of(const struct tdh_provider *provider)
{
    return json_object_get(provider->key, "sign");
}

static const char *access_name(const struct tdh_provider *provider)
{
    return tdh_json_str(sign_of(provider), "access", "AWS_ACCESS_KEY_ID");
}

static const char *secret_name(const struct tdh_provider *provider)
{
    return tdh_json_str(sign_of(provider), "secret", "AWS_SECRET_ACCESS_KEY");
}

static const char *token_name(const struct tdh_provider *provider)
{
    return tdh_json_str(sign_of(provider), "token", "AWS_SESSION_TOKEN");
}

/* NULL: it is not set, or empty. */
static const char *value_of(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool tdh_provider_signs(const struct tdh_provider *provider)
{
    return sign_of(provider) != NULL;
}

bool tdh_provider_can_sign(const struct tdh_provider *provider)
{
    return tdh_provider_signs(provider) && value_of(access_name(provider)) != NULL &&
           value_of(secret_name(provider)) != NULL;
}

int tdh_provider_hint_sign(const struct tdh_provider *provider, const char *env, struct td_err *err)
{
    return td_hint(err, "set %s%s%s and %s", env != NULL ? env : "", env != NULL ? ", or " : "",
                   access_name(provider), secret_name(provider));
}

/* What goes into a header must be one line. */
static int check_line(const struct tdh_provider *provider, const char *name, struct td_err *err)
{
    const char *value = value_of(name);

    for (; value != NULL && *value != '\0'; value++)
        if ((unsigned char)*value <= 0x20 || (unsigned char)*value == 0x7f)
            return td_fail(err, TD_E_CONFIG,
                           "provider \"%s\": %s is not one word, so nothing can be signed with it",
                           provider->name, name);
    return 0;
}

int tdh_provider_sign(const struct tdh_provider *provider, struct tdh_signing signing,
                      char *ret_lines[TDH_SIGN_LINES + 1], struct td_err *err)
{
    const struct tdh_signer signer = { .access = value_of(access_name(provider)),
                                       .secret = value_of(secret_name(provider)),
                                       .token = value_of(token_name(provider)) };
    char *region;
    int rc;

    ret_lines[0] = NULL;
    if (!tdh_provider_can_sign(provider))
        return 0;
    if (check_line(provider, access_name(provider), err) != 0 ||
        check_line(provider, token_name(provider), err) != 0)
        return -1;
    region = tdh_provider_fill(
        provider, json_string_value(json_object_get(sign_of(provider), "region")), err);
    if (region == NULL)
        return -1;
    signing.service = tdh_json_str(sign_of(provider), "service", "");
    signing.region = region;
    signing.time_s = tdh_clock_us() / 1000000;
    rc = tdh_sign(&signing, &signer, ret_lines, err);
    free(region);
    return rc == 0 ? 0 : td_context(err, "provider \"%s\"", provider->name);
}
