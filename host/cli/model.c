/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: which models there are, what they cost, and asking one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    const char *provider; /* NULL: all */
    json_t *result;
    bool is_begun; /* something of the answer was printed */
};

/* --- what there is --- */

static void add_price(json_t *row, const char *key, double price)
{
    if (price >= 0)
        json_object_set_new(row, key, json_real(price));
}

static json_t *model_row(const struct tdh_provider *provider, const struct tdh_model *model,
                         const struct tdh_price *price)
{
    json_t *row = json_pack("{s:o, s:s, s:[], s:{}}", "model",
                            json_sprintf("%s/%s", provider->name, model->name), "wire",
                            provider->wire, "abilities", "price"),
           *prices = json_object_get(row, "price");

    if (model->context > 0)
        json_object_set_new(row, "context", json_integer(model->context));
    for (unsigned i = 0; tdh_abilities[i] != NULL; i++)
        if ((model->abilities & 1U << i) != 0)
            json_array_append_new(json_object_get(row, "abilities"), json_string(tdh_abilities[i]));
    add_price(prices, "input", price->input);
    add_price(prices, "output", price->output);
    add_price(prices, "cache_read", price->cache_read);
    add_price(prices, "cache_write", price->cache_write);
    json_object_set_new(row, "key", json_boolean(tdh_provider_has_key(provider)));
    return row;
}

static int add_models(struct tdh_host *host, const char *name, json_t *rows, struct td_err *err)
{
    struct tdh_provider *provider = tdh_catalog_provider(host->catalog, name, err);

    if (provider == NULL)
        return -1;
    for (size_t i = 0; i < provider->model_count; i++) {
        struct tdh_price price;

        if (tdh_catalog_price(host->catalog, &provider->models[i], &price, err) != 0)
            price = (struct tdh_price){ -1, -1, -1, -1 };
        json_array_append_new(rows, model_row(provider, &provider->models[i], &price));
    }
    tdh_provider_release(provider);
    return 0;
}

static void tell_absurd(struct tdh_host *host)
{
    struct td_err err;
    json_t *mistakes = tdh_catalog_absurd(host->catalog, &err), *mistake;
    size_t i;

    json_array_foreach (mistakes, i, mistake)
        fprintf(stderr,
                "warning: the price of %s is %g, the middle one of its sort %g: it counts as not "
                "known\n",
                tdh_json_str(mistake, "model", ""),
                json_number_value(json_object_get(mistake, "price")),
                json_number_value(json_object_get(mistake, "median")));
    json_decref(mistakes);
}

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    char **names;

    job->result = json_array();
    if (job->provider != NULL)
        return add_models(host, job->provider, job->result, err);
    names = tdh_catalog_names(host->catalog, err);
    if (names == NULL)
        return -1;
    for (char **name = names; *name != NULL; name++) {
        if (add_models(host, *name, job->result, err) != 0)
            fprintf(stderr, "%s\n", err->text);
        free(*name);
    }
    free(names);
    tell_absurd(host);
    return 0;
}

static void print_number(const json_t *value, int width)
{
    char text[32] = "-";

    if (json_is_number(value))
        snprintf(text, sizeof(text), "%.10g", json_number_value(value));
    printf("%*s ", width, text);
}

static void print_list(const json_t *rows)
{
    const json_t *row, *ability;
    size_t i, j;

    printf("%-56s %9s %8s %8s  %s\n", "MODEL", "CONTEXT", "$/M IN", "$/M OUT", "ABILITIES");
    json_array_foreach (rows, i, row) {
        printf("%-56s ", tdh_json_str(row, "model", ""));
        print_number(json_object_get(row, "context"), 9);
        print_number(tdh_json_at(row, "/price/input"), 8);
        print_number(tdh_json_at(row, "/price/output"), 8);
        putchar(' ');
        json_array_foreach (json_object_get(row, "abilities"), j, ability)
            printf("%s%s", j > 0 ? "," : "", json_string_value(ability));
        puts(json_is_true(json_object_get(row, "key")) ? "" : "  (no key)");
    }
}

int tdh_verb_model_list(const struct tdh_args *args)
{
    struct job job = { .args = args, .provider = args->word_count > 0 ? args->words[0] : NULL };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_BARE, list, &job, &err) != 0) {
        json_decref(job.result);
        return tdh_cli_fail(args, &err);
    }
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_list(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

/* --- asking one --- */

/* What is asked: the words, standard input for "-", or a whole request of -i. new */
static json_t *read_request(const struct tdh_args *args, struct td_err *err)
{
    const char *prompt = args->word_count > 1 ? args->words[1] : NULL,
               *system = tdh_args_value(args, "system", NULL);
    json_t *request = tdh_args_inputs(args, "input", err), *messages;

    if (request == NULL || prompt == NULL)
        return request;
    messages = json_array();
    if (system != NULL)
        json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "system", "text", system));
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "user", "text", prompt));
    json_object_set_new(request, "messages", messages);
    return request;
}

static int print_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    struct job *job = arg;

    (void)err;
    if (job->args->is_json)
        tdh_cli_print(json_incref((json_t *)(uintptr_t)chunk));
    else if (strcmp(tdh_json_str(chunk, "type", ""), "text") == 0) {
        fputs(tdh_json_str(chunk, "text", ""), stdout);
        fflush(stdout);
        job->is_begun = true;
    }
    return 0;
}

static int chat(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    bool is_stream = tdh_args_has(job->args, "stream");
    json_t *request = read_request(job->args, err);
    struct tdh_call call = { .input = request,
                             .emit = is_stream ? print_chunk : NULL,
                             .emit_arg = job };
    int rc = -1;

    (void)host;
    if (request != NULL && tdh_call_resolve(TDH_TARGET_MODEL, job->args->words[0], "chat", NULL,
                                            &call.target, err) == 0)
        rc = tdh_call_run(&call, err);
    job->result = call.output;
    json_decref(request);
    return rc;
}

static void print_reply(const struct job *job)
{
    const json_t *part, *cost = json_object_get(job->result, "cost"), *dropped;
    size_t i;

    json_array_foreach (json_object_get(job->result, "parts"), i, part) {
        const char *type = tdh_json_str(part, "type", "");

        if (strcmp(type, "text") == 0 && !job->is_begun)
            fputs(tdh_json_str(part, "text", ""), stdout);
        else if (strcmp(type, "tool_call") == 0)
            printf("%s(", tdh_json_str(part, "name", "")),
                json_dumpf(json_object_get(part, "input"), stdout, JSON_ENCODE_ANY | JSON_COMPACT),
                puts(")");
    }
    putchar('\n');
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "%s %s, %lld tokens in, %lld out", tdh_json_str(job->result, "provider", ""),
            tdh_json_str(job->result, "finish", ""),
            (long long)json_integer_value(tdh_json_at(job->result, "/usage/input")),
            (long long)json_integer_value(tdh_json_at(job->result, "/usage/output")));
    if (cost != NULL)
        fprintf(stderr, ", $%.6f", json_number_value(cost));
    json_array_foreach (json_object_get(job->result, "dropped"), i, dropped)
        fprintf(stderr, "%s%s", i == 0 ? "; not said: " : ", ", json_string_value(dropped));
    fputc('\n', stderr);
}

int tdh_verb_model_chat(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_BARE, chat, &job, &err) != 0) {
        if (job.is_begun)
            putchar('\n');
        return tdh_cli_fail(args, &err);
    }
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_reply(&job);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}
