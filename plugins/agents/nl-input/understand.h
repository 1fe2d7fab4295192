/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand: from the words of a request to an understanding (docs/app-model.md). Asks nothing,
 * keeps nothing: the same request always gives the same understanding.
 */
#ifndef NL_UNDERSTAND_H
#define NL_UNDERSTAND_H

#include <jansson.h>
#include <lang.h>
#include <tdev/err.h>

/* What is read once: the word lists, and the phrases of data/constraints.json. Read-only after
 * nl_rules_read(). */
struct nl_rules;

/** ret: new; end it with nl_rules_free(). err: TD_E_IO, TD_E_CONFIG, with file and key. */
struct nl_rules *nl_rules_read(const char *folder, struct td_err *err);
void nl_rules_free(struct nl_rules *rules);

/* One request as the action gets it. `lang` and `name` may be NULL: found out. */
struct nl_request {
    const char *text;
    size_t length, limit_bytes, name_length;
    const char *lang, *name;
};

/**
 * ret_understanding: new. err: TD_E_INVAL for what is no text, TD_E_LIMIT for too much of it; the
 * hint tells the way out.
 */
int nl_understand(const struct nl_rules *rules, const struct nl_request *request,
                  json_t **ret_understanding, struct td_err *err);

#endif
