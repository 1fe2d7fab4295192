/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: what the wires share: reading the host's requests, building bodies, and giving deltas.
 */
#ifndef TDEV_PROVIDERS_WIRE_H
#define TDEV_PROVIDERS_WIRE_H

#include <stdbool.h>
#include <string.h>
#include <tdev/plugin.h>

/** The string member of an object, or the fallback. */
const char *wire_str(const json_t *object, const char *key, const char *fallback);
/** What is at "usage/details/cached", step by step; NULL: nothing. Borrowed. */
const json_t *wire_at(const json_t *value, const char *path);
/** The whole number there; -1: none. */
int64_t wire_count(const json_t *value, const char *path);
/** Adds two counts, of which -1 is not known; both are: -1. */
int64_t wire_sum(int64_t a, int64_t b);
/** Is it a part of that type? */
bool wire_is(const json_t *part, const char *type);

/** All text parts, one after the other, with `between` between them. new; NULL: no memory */
json_t *wire_text(const json_t *parts, const char *between);
/* A part in the words of a wire, new; NULL: it has none for it. */
typedef json_t *wire_part_fn(const json_t *part);
/** What a message says: a text when it is nothing else, which all servers take, or a list of parts.
 * What the wire has no words for is named in ret. new */
json_t *wire_content(const json_t *parts, wire_part_fn *fn, struct td_wire_request *ret);
/** Are all of them text parts? */
bool wire_is_text(const json_t *parts);
/** An image's `data:MIME;base64,...`, or its url. new */
json_t *wire_image_url(const json_t *part);
/** The input of a tool_call as a JSON text in a string. new */
json_t *wire_input_text(const json_t *part);
/** The same as a value; what is no JSON becomes {"_text": TEXT}. new */
json_t *wire_input(const json_t *part);
/** A value from the text of a tool's input: part's `input`, or `input_text`. */
int wire_set_input(json_t *part, const char *text);

/** body[key] = the request's member `name`, if it is there. Returns false: no memory. */
bool wire_copy(json_t *body, const char *key, const json_t *request, const char *name);
/** The wire has no word for a member of the request. Names it in ret->dropped if it is there. */
void wire_drop(struct td_wire_request *ret, const json_t *request, const char *name);
/** The same of something that is no member: said as it is, once. */
void wire_drop_word(struct td_wire_request *ret, const char *word);
/** Fails for want of memory; -1. */
int wire_fail_memory(struct td_err *err);
/** That is no reply of this wire; -1. */
int wire_fail_reply(struct td_err *err, const char *why);

/* A row of the words of a server for why it ended. */
struct wire_word {
    const char *word;
    enum td_finish finish;
};
/** TD_FINISH_OTHER when there is no such word. rows: end with a NULL word */
enum td_finish wire_finish(const struct wire_word *rows, const char *word);
const char *wire_finish_name(enum td_finish finish);
/** {parts, finish, finish_raw, usage, usage_raw, id, model} new; takes parts. raw may be NULL. */
json_t *wire_reply(json_t *parts, enum td_finish finish, const char *finish_raw,
                   const struct td_usage *usage, const json_t *usage_raw, const char *id,
                   const char *model);
/** A text part, new; NULL or "" gives none: NULL. */
json_t *wire_text_part(const char *type, const char *text);
/** Appends a part; take. NULL: none. */
void wire_add(json_t *parts, json_t *part);
/** Appends a tool_call part for each [{id, function: {name, arguments: TEXT}}]. */
void wire_add_calls(json_t *parts, const json_t *calls);
/** {vectors, usage} of a list of vectors in the order of the texts; tokens: -1: not told. name: of
 * that list, for the error. */
int wire_vectors(const json_t *vectors, const char *name, int64_t tokens, json_t **ret_reply,
                 struct td_err *err);

/* Deltas. Each returns what the sink says. */
int wire_give(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err);
int wire_give_begin(const struct td_sink *sink, const char *id, const char *model,
                    struct td_err *err);
/** type: TEXT, THINKING, SIGNATURE, OPAQUE or INPUT; text NULL or empty: nothing is given. */
int wire_give_text(const struct td_sink *sink, enum td_delta_type type, uint32_t index,
                   const char *text, struct td_err *err);
int wire_give_tool(const struct td_sink *sink, uint32_t index, const char *id, const char *name,
                   struct td_err *err);
int wire_give_finish(const struct td_sink *sink, enum td_finish finish, const char *word,
                     struct td_err *err);
int wire_give_usage(const struct td_sink *sink, const struct td_usage *usage, const json_t *raw,
                    struct td_err *err);
int wire_give_fault(const struct td_sink *sink, enum td_fault fault, const char *text,
                    struct td_err *err);

/** Does the text have one of these words in it, whatever their case? words: end with NULL */
bool wire_has_word(const char *text, const char *const *words);

#endif
