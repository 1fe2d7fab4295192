/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert: one notation into the other.
 *
 * What was written is read again and compared: a conversion that would change a workflow is
 * refused, whatever the reason.
 */
#include <stdlib.h>
#include <string.h>

#include "base/yaml_write.h"
#include "flow/dsl_write.h"
#include "flow/flow.h"

static char *write_yaml(const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    char *text;

    tdh_yaml_write(&buf, yaml->root, 0);
    text = tdh_buf_steal(&buf);
    tdh_buf_free(&buf);
    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "%s: could not allocate its text", yaml->name);
    return text;
}

static int check_same(const struct tdh_yaml *yaml, const char *text, bool to_text,
                      struct td_err *err)
{
    struct tdh_yaml *again = to_text ? tdh_flow_parse(text, strlen(text), yaml->name, err)
                                     : tdh_yaml_parse(text, strlen(text), yaml->name, err);
    bool is_same = again != NULL && json_equal(again->root, yaml->root);

    if (again != NULL && !is_same)
        td_fail(err, TD_E_CONFIG, "%s: would not be the same workflow in the other notation",
                yaml->name);
    else if (again == NULL)
        td_context(err, "%s: could not read what was converted", yaml->name);
    tdh_yaml_free(again);
    if (is_same)
        return 0;
    return err->code == TD_E_NOMEM
               ? -1
               : td_hint(err, "tdev workflow validate tells whether it is valid");
}

static char *convert_chain(const struct tdh_yaml *chain, bool to_text, struct td_err *err)
{
    struct tdh_yaml *made = tdh_chain_lower(chain, err);
    char *text = made != NULL ? tdh_flow_convert(made, to_text, err) : NULL;

    tdh_yaml_free(made);
    return text;
}

char *tdh_flow_convert(const struct tdh_yaml *yaml, bool to_text, struct td_err *err)
{
    char *text;

    if (tdh_chain_is(yaml->root))
        return convert_chain(yaml, to_text, err);
    text = to_text ? tdh_dsl_write(yaml, err) : write_yaml(yaml, err);
    if (text == NULL || check_same(yaml, text, to_text, err) == 0)
        return text;
    free(text);
    return NULL;
}
