/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: what bodies of requests have in common, whichever wire they are of.
 */
#ifndef TDEV_PROVIDERS_REQUEST_H
#define TDEV_PROVIDERS_REQUEST_H

#include "kit/wire.h"

/* A member of the host's request, and what it is called there; NULL: there is no word for it. */
struct wire_member {
    const char *name, *key;
};
/** Copies the members of the rows, which end with a NULL name. What has no word, or stands in
 * `drop`, is named in ret->dropped. drop: ends with NULL; may be NULL */
void wire_members(const struct wire_member *rows, const char *const *drop, const json_t *request,
                  json_t *body, struct td_wire_request *ret);
/** Is the member not in the list? */
bool wire_may(const char *const *drop, const char *member);

/**
 * Rows of NAME=JSON as an object.
 *
 * option    its name, for messages
 * rows      end with NULL; may be NULL
 * ret_more  new
 * err       TD_E_CONFIG: a row is none
 */
int wire_extra(const char *option, const char *const *rows, json_t **ret_more, struct td_err *err);

/** The schema of a tool's input; that of an object without members when there is none. new */
json_t *wire_tool_input(const json_t *tool);
/** Tools as {type: function, function: {name, description, parameters}}. new */
json_t *wire_functions(const json_t *tools, bool with_strict);
/** Do as many tools as there are, or none of them, ask for strict input? 1, 0; -1: some do */
int wire_are_strict(const json_t *tools);

/** Names what cannot be said: "a part of type audio". */
void wire_drop_part(struct td_wire_request *ret, const json_t *part);
/** The part's signature is another provider's: names it if there is one. */
void wire_drop_signature(struct td_wire_request *ret, const json_t *part);
/** The text of a tool's result; parts of other kinds, and that it tells a failure, are named. new
 */
json_t *wire_result_text(struct td_wire_request *ret, const json_t *part);
/** The Base64 of an image: its data, or that of an url "data:...;base64,..."; NULL: it is
 * elsewhere. Borrowed */
const char *wire_image_data(const json_t *part);
/** JSON from a text that anybody may have written, at most WIRE_DEPTH_MAX deep. new; NULL: it is
 * none */
json_t *wire_parse(const char *text);
enum { WIRE_DEPTH_MAX = 100 };

#endif
