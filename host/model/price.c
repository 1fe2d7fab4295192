/* SPDX-License-Identifier: Apache-2.0 */
/*
 * price: what is paid for tokens, and prices that nobody can have meant.
 */
#include <stdlib.h>

#include "model/providers.h"

enum { PRICES_MAX = 16384 };

double tdh_price_of(const struct tdh_price *price, const struct td_usage *usage)
{
    double read = price->cache_read >= 0 ? price->cache_read : price->input,
           write = price->cache_write >= 0 ? price->cache_write : price->input,
           output = price->output >= 0 ? price->output : 0;
    int64_t cached = usage->cache_read > 0 ? usage->cache_read : 0,
            written = usage->cache_write > 0 ? usage->cache_write : 0,
            fresh = usage->input - cached - written, given = usage->output > 0 ? usage->output : 0;

    if (price->input < 0 || (price->output < 0 && given > 0))
        return -1;
    return ((double)(fresh > 0 ? fresh : 0) * price->input + (double)cached * read +
            (double)written * write + (double)given * output) /
           1e6;
}

/* --- the middle of each sort --- */

struct prices {
    double *values[TDH_PRICE_SORTS];
    size_t counts[TDH_PRICE_SORTS];
};

static unsigned sort_of(const struct tdh_model *model, bool is_output)
{
    return (model->abilities & TDH_CAN_EMBEDDINGS) != 0 ? TDH_PRICE_SORTS - 1 : is_output;
}

/* What is free says nothing of what others ask. */
static void add_price(struct prices *prices, unsigned sort, double price)
{
    if (price > 0 && prices->counts[sort] < PRICES_MAX)
        prices->values[sort][prices->counts[sort]++] = price;
}

static int collect(void *arg, struct tdh_provider *provider)
{
    struct prices *prices = arg;

    for (size_t i = 0; i < provider->model_count; i++) {
        const struct tdh_model *model = &provider->models[i];

        add_price(prices, sort_of(model, false), model->price.input);
        add_price(prices, sort_of(model, true), model->price.output);
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Under no lock: two that do it at once come to the same. */
static int find_medians(struct tdh_catalog *catalog, struct td_err *err)
{
    struct prices prices = { 0 };
    int rc = 0;

    for (unsigned i = 0; i < TDH_PRICE_SORTS; i++)
        if ((prices.values[i] = calloc(PRICES_MAX, sizeof(double))) == NULL)
            rc = td_fail(err, TD_E_NOMEM, "could not allocate the prices of models");
    if (rc == 0)
        rc = tdh_catalog_each(catalog, collect, &prices, err);
    pthread_mutex_lock(&catalog->lock);
    for (unsigned i = 0; i < TDH_PRICE_SORTS && rc == 0; i++) {
        qsort(prices.values[i], prices.counts[i], sizeof(double), compare);
        catalog->medians[i] = prices.counts[i] > 0 ? prices.values[i][prices.counts[i] / 2] : 0;
    }
    catalog->has_medians = rc == 0;
    pthread_mutex_unlock(&catalog->lock);
    for (unsigned i = 0; i < TDH_PRICE_SORTS; i++)
        free(prices.values[i]);
    return rc;
}

static int need_medians(struct tdh_catalog *catalog, double medians[static TDH_PRICE_SORTS],
                        struct td_err *err)
{
    bool is_there;

    pthread_mutex_lock(&catalog->lock);
    is_there = catalog->has_medians;
    pthread_mutex_unlock(&catalog->lock);
    if (!is_there && find_medians(catalog, err) != 0)
        return -1;
    pthread_mutex_lock(&catalog->lock);
    for (unsigned i = 0; i < TDH_PRICE_SORTS; i++)
        medians[i] = catalog->medians[i];
    pthread_mutex_unlock(&catalog->lock);
    return 0;
}

static bool is_absurd(double price, double median)
{
    return median > 0 && price >= median * TDH_ABSURD_PRICE;
}

int tdh_catalog_price(struct tdh_catalog *catalog, const struct tdh_model *model,
                      struct tdh_price *ret_price, struct td_err *err)
{
    double medians[TDH_PRICE_SORTS];

    if (need_medians(catalog, medians, err) != 0)
        return -1;
    *ret_price = model->price;
    if (is_absurd(ret_price->input, medians[sort_of(model, false)]))
        ret_price->input = -1;
    if (is_absurd(ret_price->output, medians[sort_of(model, true)]))
        ret_price->output = -1;
    return 0;
}

/* --- mistakes --- */

struct mistakes {
    double medians[TDH_PRICE_SORTS];
    json_t *list;
};

static void judge(struct mistakes *mistakes, const struct tdh_provider *provider,
                  const struct tdh_model *model, unsigned sort, double price)
{
    if (is_absurd(price, mistakes->medians[sort]))
        json_array_append_new(mistakes->list,
                              json_pack("{s:o, s:f, s:f}", "model",
                                        json_sprintf("%s/%s", provider->name, model->name), "price",
                                        price, "median", mistakes->medians[sort]));
}

static int judge_all(void *arg, struct tdh_provider *provider)
{
    struct mistakes *mistakes = arg;

    for (size_t i = 0; i < provider->model_count; i++) {
        const struct tdh_model *model = &provider->models[i];

        judge(mistakes, provider, model, sort_of(model, false), model->price.input);
        judge(mistakes, provider, model, sort_of(model, true), model->price.output);
    }
    return 0;
}

json_t *tdh_catalog_absurd(struct tdh_catalog *catalog, struct td_err *err)
{
    struct mistakes mistakes = { .list = json_array() };

    if (find_medians(catalog, err) == 0 && need_medians(catalog, mistakes.medians, err) == 0 &&
        tdh_catalog_each(catalog, judge_all, &mistakes, err) == 0)
        return mistakes.list;
    json_decref(mistakes.list);
    return NULL;
}
