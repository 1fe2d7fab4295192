/*
 * @NAME@: shortens texts at the border of a word.
 *
 * plugin.yaml promises the action, its schemas and the options; here stands what they do. The host
 * has checked the input against the schema before the action runs, and checks the output after it.
 */
#include <string.h>
#include <tdev/plugin.h>

/* One instance. The options are filled in before anything runs; read-only from then on, so threads
 * may share it. */
struct @IDENT@_state {
    int64_t limit;
    const char *mark;
};

static const struct td_binding *const bindings[] = {
    TD_BIND_INT(struct @IDENT@_state, limit),
    TD_BIND_STR(struct @IDENT@_state, mark),
    NULL,
};

/* Bytes of the first `limit` characters of a text in UTF-8. */
static size_t measure(const char *text, int64_t limit)
{
    size_t at = 0;

    while (text[at] != '\0' && limit > 0) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        limit--;
    }
    return at;
}

/* Where a cut at `length` leaves whole words only; the first word may be cut. */
static size_t find_border(const char *text, size_t length)
{
    size_t at = length;

    while (at > 0 && text[at] != ' ')
        at--;
    while (at > 0 && text[at - 1] == ' ')
        at--;
    return at > 0 ? at : length;
}

static int shorten(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct @IDENT@_state *self = td_self(ctx);
    const char *text = json_string_value(json_object_get(input, "text"));
    const json_t *limit = json_object_get(input, "limit");
    size_t length = measure(text, limit != NULL ? json_integer_value(limit) : self->limit);
    int is_cut = text[length] != '\0';
    json_t *output;

    if (is_cut)
        length = find_border(text, length);
    output = json_pack("{s:o, s:b}", "text",
                       json_sprintf("%.*s%s", (int)length, text, is_cut ? self->mark : ""),
                       "is_cut", is_cut);
    if (output == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the shortened text");
    *ret_output = output;
    return 0;
}

static const struct td_action *const actions[] = { TD_ACTION("shorten", shorten), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin @IDENT@_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "@NAME@",
    .version = "0.1.0",
    .state_size = sizeof(struct @IDENT@_state),
    .bindings = bindings,
    .agent = &agent,
};
TD_PLUGIN(@IDENT@_plugin);
