/* SPDX-License-Identifier: Apache-2.0 */
/*
 * providers: files of conf/models and their keys, for the files of this folder.
 */
#ifndef TDH_MODEL_PROVIDERS_H
#define TDH_MODEL_PROVIDERS_H

#include <pthread.h>
#include <sys/stat.h>

#include "base/map.h"
#include "model/model.h"
#include "schema/schema.h"

enum { TDH_PRICE_SORTS = 3 }; /* of chats what is read, and what is written; of embeddings */

struct tdh_catalog {
    const char *const *folders;
    const char *schema_path;
    struct tdh_schema *schema; /* NULL: not read yet */
    pthread_mutex_t lock;      /* of it all */
    struct tdh_map providers;  /* name -> struct tdh_provider, held */
    bool has_medians;
    double medians[TDH_PRICE_SORTS]; /* 0: there are no prices */
};
/* catalogue.c: each provider that can be read, by name, until fn returns 1; the others are told in
 * the log. fn has the lock. */
typedef int tdh_provider_fn(void *arg, struct tdh_provider *provider);
int tdh_catalog_each(struct tdh_catalog *catalog, tdh_provider_fn *fn, void *arg,
                     struct td_err *err);

/* provider.c: new: held. err TD_E_CONFIG with FILE:LINE:COLUMN */
struct tdh_provider *tdh_provider_read(const char *path, const char *name, const struct stat *file,
                                       const struct tdh_schema *schema, struct td_err *err);
/** Was it read from that state of its file? */
bool tdh_provider_is_of(const struct tdh_provider *provider, const struct stat *file);

/* key.c: what is known of a key. */
struct tdh_secret;
struct tdh_secret *tdh_key_new(void);
void tdh_key_free(struct tdh_secret *secret);
/** A text of the provider's file with its values in place of {NAME}. new. err TD_E_CONFIG: which
 * variable is not set */
char *tdh_provider_fill(const struct tdh_provider *provider, const char *text, struct td_err *err);

/* signer.c: requests that are signed in place of a key. */
/** Does its file say how? */
bool tdh_provider_signs(const struct tdh_provider *provider);
/** And is there anything to sign with? */
bool tdh_provider_can_sign(const struct tdh_provider *provider);
/** What to set. env: the variable of a key, which would do as well; NULL: none. -1 */
int tdh_provider_hint_sign(const struct tdh_provider *provider, const char *env,
                           struct td_err *err);

#endif
