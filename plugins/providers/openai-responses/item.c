/* SPDX-License-Identifier: Apache-2.0 */
/* item: items that travel as they are, and what can be read of reasoning. */
#include "responses.h"

#include <stdlib.h>

static const char mark[] = "openai-responses";

json_t *responses_seal(const json_t *item)
{
    json_t *marked = json_pack("{s:O}", mark, item), *sealed;
    char *text = json_dumps(marked, JSON_COMPACT);

    json_decref(marked);
    sealed = text != NULL ? json_string(text) : NULL;
    free(text);
    return sealed;
}

json_t *responses_unseal(const char *text)
{
    json_t *marked = wire_parse(text), *item = json_object_get(marked, mark);

    item = json_is_string(json_object_get(item, "type")) ? json_incref(item) : NULL;
    json_decref(marked);
    return item;
}

static json_t *join(json_t *text, const json_t *parts)
{
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part) {
        const char *next = wire_str(part, "text", "");
        json_t *both =
            json_sprintf("%s%s%s", json_string_value(text),
                         json_string_length(text) > 0 && next[0] != '\0' ? "\n\n" : "", next);

        json_decref(text);
        text = both;
    }
    return text;
}

json_t *responses_thought(const json_t *item)
{
    return join(join(json_string(""), json_object_get(item, "summary")),
                json_object_get(item, "content"));
}
