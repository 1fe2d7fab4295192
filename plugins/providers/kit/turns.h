/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns: what wires share on which only two speak, the user and the model: instructions stand
 * outside of the messages, results of tools are the user's, and inputs of tools are objects.
 */
#ifndef TDEV_PROVIDERS_TURNS_H
#define TDEV_PROVIDERS_TURNS_H

#include "kit/request.h"

/**
 * The texts of the system messages. Told: that one stood behind others, and parts that are no text.
 *
 * is_all  also of those behind other messages; else they are left to the caller
 *
 * Returns [TEXT], new
 */
json_t *turns_system(const json_t *messages, bool is_all, struct td_wire_request *ret);
/** Is it a system message? */
bool turns_is_system(const json_t *message);
/** The input of a tool_call as an object: what is none becomes {"_value": VALUE}, and what is no
 * JSON {"_text": TEXT}. new */
json_t *turns_input(const json_t *part);
/** A part of the provider's own as it was, from the JSON it was kept as. new; NULL: it is none */
json_t *turns_opaque(const json_t *part);
/** How it is kept: {type: opaque, data: JSON}. new */
json_t *turns_keep(const json_t *value);
/** Puts a signature on a part, if it is there and not empty. */
void turns_sign(json_t *part, const char *signature);

#endif
