/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: which providers there are, their models, and what those cost: the files of
 * conf/models. Part of model.h.
 *
 * A provider's file is read when somebody asks for it; one that asks for a model without saying
 * whose has all files read. A file that has changed since is read anew. With a lock of its own, in
 * any thread; what it gives is counted, and stays as it was as long as it is held.
 */
#ifndef TDH_MODEL_CATALOGUE_H
#define TDH_MODEL_CATALOGUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>
#include <tdev/provider.h>

#include "model/sign.h"

enum {
    TDH_PROVIDERS_MAX = 1000,
    TDH_MODEL_NAME = 264,   /* bytes of PROVIDER/MODEL with its NUL */
    TDH_ABSURD_PRICE = 1000 /* so many times the median is a mistake, not a price */
};

enum tdh_ability {
    TDH_CAN_CHAT = 1,
    TDH_CAN_STREAM = 2,
    TDH_CAN_TOOLS = 4,
    TDH_CAN_JSON = 8,
    TDH_CAN_SCHEMA = 16,
    TDH_CAN_VISION = 32,
    TDH_CAN_AUDIO = 64,
    TDH_CAN_FILES = 128,
    TDH_CAN_REASONING = 256,
    TDH_CAN_EMBEDDINGS = 512
};

/* Dollars for a million tokens; less than 0: not known. */
struct tdh_price {
    double input, output, cache_read, cache_write;
};

struct tdh_model {
    char *name;
    int64_t context, output; /* 0: not known */
    unsigned abilities;      /* of enum tdh_ability; 0: not known */
    struct tdh_price price;
};

/* Read-only once read. tdh_provider_hold, tdh_provider_release */
struct tdh_provider {
    char *name, *title, *wire, *base_url, *path, *ca_file;
    json_t *values, *key, *headers, *options; /* as its file has them; NULL: none */
    struct tdh_model *models;
    size_t model_count;
    struct tdh_secret *secret; /* the key, as far as it is known; with a lock of its own */
    int holds;                 /* atomic */
    int64_t mtime_ns, size;    /* of its file */
};
struct tdh_provider *tdh_provider_hold(struct tdh_provider *provider);
void tdh_provider_release(struct tdh_provider *provider);
/** NULL: it is not one of those that are known. */
const struct tdh_model *tdh_provider_model(const struct tdh_provider *provider, const char *name);

struct tdh_catalog;
/** Nothing is read yet. folders: the first that has a file wins; end with NULL; borrow, as
 * schema_path: of conf/schema/provider.json. new; err TD_E_NOMEM */
struct tdh_catalog *tdh_catalog_new(const char *const *folders, const char *schema_path,
                                    struct td_err *err);
void tdh_catalog_free(struct tdh_catalog *catalog);
/** The provider of that name. new: held. err TD_E_NOTFOUND with the nearest name; TD_E_CONFIG with
 * FILE:LINE:COLUMN */
struct tdh_provider *tdh_catalog_provider(struct tdh_catalog *catalog, const char *name,
                                          struct td_err *err);
/** Names of all there are, sorted, ends with NULL. new: free() each, and the list. */
char **tdh_catalog_names(struct tdh_catalog *catalog, struct td_err *err);
/**
 * Who has the model: PROVIDER/MODEL, whether its file knows that model or not; or MODEL alone, of
 * the first provider, by name, that knows it and whose key is there.
 *
 * ret_provider  new: held
 * ret_name      of the model there; borrow: of `name`
 * err           TD_E_NOTFOUND: nobody has it, or nobody's key is there: the hint names the
 * variables
 */
int tdh_catalog_find(struct tdh_catalog *catalog, const char *name,
                     struct tdh_provider **ret_provider, const char **ret_name, struct td_err *err);
/** What a model costs. What is TDH_ABSURD_PRICE times that of the middle one of its sort, or more,
 * is a mistake in the file, and counts as not known. */
int tdh_catalog_price(struct tdh_catalog *catalog, const struct tdh_model *model,
                      struct tdh_price *ret_price, struct td_err *err);
/** Those mistakes: [{model, price, median}]. new */
json_t *tdh_catalog_absurd(struct tdh_catalog *catalog, struct td_err *err);

/** Dollars of what was used; less than 0: the price is not known. */
double tdh_price_of(const struct tdh_price *price, const struct td_usage *usage);
extern const char *const tdh_abilities[]; /* their words, from TDH_CAN_CHAT on; end with NULL */

/* --- key.c --- */

/** Is there a key, or does it need none? Runs no command. */
bool tdh_provider_has_key(const struct tdh_provider *provider);
/**
 * The header that has the key in it, "Name: value".
 *
 * ret_header  new: tdh_key_wipe() and free(); NULL: none is needed, or requests are signed
 * err         TD_E_PERM: others may read the file; TD_E_CONFIG: it is not there, what to set
 */
int tdh_provider_key(const struct tdh_provider *provider, char **ret_header, struct td_err *err);
void tdh_key_wipe(char *key);
/**
 * The headers that sign a request, if the provider's file says that they are signed.
 *
 * signing    without service, region and time
 * ret_lines  new, each: tdh_key_wipe() and free(); ends with NULL; the first is NULL: nothing is to
 * be signed, or there is nothing to sign with err        TD_E_CONFIG: what is wrong with it
 */
int tdh_provider_sign(const struct tdh_provider *provider, struct tdh_signing signing,
                      char *ret_lines[TDH_SIGN_LINES + 1], struct td_err *err);
/** base_url with its values. new. err TD_E_CONFIG: which variable is not set */
char *tdh_provider_url(const struct tdh_provider *provider, struct td_err *err);

#endif
