/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approval: a wait that people answer with yes or no.
 *
 *   approval: {text: "Pay ${input.total}?", by: [kim, "@ops"], quorum: 2, on_reject: continue}
 *
 * Who may answer is in `by`, names and "@groups"; anybody when it is not there. A person counts
 * once. `quorum` times yes is a yes; the first no is a no, and fails the node unless `on_reject` is
 * `continue`. An answer that does not count is as if it had not been given: the question stands.
 *
 * An answer is {approved, by, as, comment}: `as` holds all the names by which the person goes,
 * groups too. Who says so is whoever could write to the store: the host vouches for it.
 */
#include "flow/state.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"

enum { QUORUM_MAX = 1000, BY_MAX = 1000 };

static const char *const keys[] = { "text", "by", "quorum", "on_reject" };
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* --- reading --- */

static bool is_list_of_names(const json_t *by)
{
    const json_t *name;
    size_t i;

    if (!json_is_array(by) || json_array_size(by) == 0 || json_array_size(by) > BY_MAX)
        return false;
    json_array_foreach (by, i, name)
        if (!json_is_string(name) || json_string_length(name) == 0)
            return false;
    return true;
}

/* Of a group nobody knows how many there are. */
static bool can_be_reached(const json_t *by, json_int_t quorum)
{
    const json_t *name;
    size_t i;

    json_array_foreach (by, i, name)
        if (json_string_value(name)[0] == '@')
            return true;
    return by == NULL || (json_int_t)json_array_size(by) >= quorum;
}

/* Its values, as they are written or as expressions gave them. */
static int check(const json_t *about, struct td_err *err)
{
    const json_t *text = json_object_get(about, "text"), *by = json_object_get(about, "by"),
                 *quorum = json_object_get(about, "quorum");
    const char *on_reject = tdh_json_str(about, "on_reject", "fail");

    if (text != NULL && !json_is_string(text))
        return td_fail(err, TD_E_INVAL, "\"text\" must be a text: what people are asked");
    if (by != NULL && !is_list_of_names(by))
        return td_fail(err, TD_E_INVAL,
                       "\"by\" must be a list of names and groups such as [kim, \"@ops\"]");
    if (quorum != NULL && (!json_is_integer(quorum) || json_integer_value(quorum) < 1 ||
                           json_integer_value(quorum) > QUORUM_MAX))
        return td_fail(err, TD_E_INVAL, "\"quorum\" must be a whole number from 1 to %d",
                       QUORUM_MAX);
    if (quorum != NULL && !can_be_reached(by, json_integer_value(quorum)))
        return td_fail(err, TD_E_INVAL, "\"quorum\" is %lld, but only %zu may answer, by \"by\"",
                       (long long)json_integer_value(quorum), json_array_size(by));
    if (strcmp(on_reject, "fail") != 0 && strcmp(on_reject, "continue") != 0)
        return td_fail(err, TD_E_INVAL, "\"on_reject\" must be fail or continue");
    return 0;
}

/* What is wrong begins with its key. */
static int fail_value(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strncmp(err->text + 1, keys[i], strlen(keys[i])) == 0 &&
            err->text[1 + strlen(keys[i])] == '"')
            return tdh_flow_at_member(reader, pointer, keys[i], err);
    return tdh_flow_at(reader, pointer, err);
}

int tdh_approval_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    const char *key;
    json_t *ignored;

    if (!json_is_object(value))
        return tdh_flow_fail(reader, pointer, err,
                             "must be a map such as {text: \"Pay?\", by: [kim, \"@ops\"]}");
    json_object_foreach ((json_t *)value, key, ignored) {
        size_t i = 0;

        while (i < KEYS && strcmp(keys[i], key) != 0)
            i++;
        if (i == KEYS)
            return tdh_flow_fail_near(reader, pointer, key, tdh_near(key, keys, KEYS), err,
                                      "unrecognized key \"%.100s\" of an approval", key);
    }
    if (tdh_template_is_plain(value) && check(value, err) != 0)
        return fail_value(reader, pointer, err);
    node->approval = tdh_flow_template(reader, value, pointer, 0, err);
    return node->approval != NULL ? 0 : -1;
}

/* --- asking --- */

static int ask(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node,
               struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    json_t *about = json_copy(cell->over);
    char path[TDH_PATH_MAX];
    int rc = -1;

    if (about == NULL || json_object_set(about, "votes", cell->results) != 0)
        td_fail(err, TD_E_NOMEM, "could not allocate a question");
    else
        rc = td_ask_question(state->asks, tdh_frame_path(frame, node, path),
                             tdh_frame_tag(frame, node), about, &cell->ask, err);
    json_decref(about);
    return rc;
}

int tdh_approval_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    cell->over = tdh_frame_eval(state, frame, NULL, node->approval, err);
    cell->results = json_array();
    if (cell->over == NULL || cell->results == NULL || check(cell->over, err) != 0)
        return cell->results != NULL ? tdh_frame_context(frame, node, err)
                                     : td_fail(err, TD_E_NOMEM, "could not allocate a question");
    return ask(state, frame, node, err);
}

/* --- answers --- */

bool tdh_approval_may(const json_t *about, const json_t *as)
{
    const json_t *by = json_object_get(about, "by"), *name, *own;
    size_t i, k;

    json_array_foreach (by, i, name)
        json_array_foreach (as, k, own)
            if (json_equal(name, own))
                return true;
    return by == NULL;
}

bool tdh_approval_has_voted(const json_t *votes, const char *by)
{
    const json_t *vote;
    size_t i;

    json_array_foreach (votes, i, vote)
        if (strcmp(tdh_json_str(vote, "by", ""), by) == 0)
            return true;
    return false;
}

/* Counts the answer. False: it does not count. */
static bool note_vote(const struct tdh_flow_state *state, struct tdh_cell *cell,
                      const json_t *answer)
{
    const char *by = tdh_json_str(answer, "by", "");
    char time[40];
    json_t *vote;

    if (!json_is_boolean(json_object_get(answer, "approved")) || by[0] == '\0' ||
        !tdh_approval_may(cell->over, json_object_get(answer, "as")) ||
        tdh_approval_has_voted(cell->results, by))
        return false;
    vote =
        json_pack("{s:s, s:O, s:s, s:s}", "by", by, "approved", json_object_get(answer, "approved"),
                  "comment", tdh_json_str(answer, "comment", ""), "time",
                  tdh_clock_print(state->now_us, time, sizeof(time)));
    return vote != NULL && json_array_append_new(cell->results, vote) == 0;
}

static int decide(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, const json_t *answer, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    bool is_approved = json_is_true(json_object_get(answer, "approved"));
    const char *by = tdh_json_str(answer, "by", ""), *comment = tdh_json_str(answer, "comment", "");
    struct td_err why;
    json_t *output;
    int rc;

    if (!is_approved && strcmp(tdh_json_str(cell->over, "on_reject", "fail"), "fail") == 0) {
        td_fail(&why, TD_E_PERM, "rejected by %s%s%s", by, comment[0] != '\0' ? ": " : "", comment);
        return tdh_node_failed(state, frame, node, &why, err);
    }
    output = json_pack("{s:b, s:s, s:s, s:O}", "approved", (int)is_approved, "by", by, "comment",
                       comment, "votes", cell->results);
    if (output == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outcome of an approval");
    rc = tdh_frame_complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

int tdh_approval_answer(struct tdh_flow_state *state, struct tdh_frame *frame,
                        const struct tdh_node *node, const json_t *answer, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    const json_t *quorum = json_object_get(cell->over, "quorum");
    size_t wanted = quorum != NULL ? (size_t)json_integer_value(quorum) : 1;
    bool is_final;

    if (cell->results->refcount > 1) { /* a question that was asked shows them */
        json_t *votes = json_copy(cell->results);

        if (votes == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the votes of an approval");
        json_decref(cell->results);
        cell->results = votes;
    }
    is_final =
        note_vote(state, cell, answer) && (json_array_size(cell->results) == wanted ||
                                           json_is_false(json_object_get(answer, "approved")));
    return is_final ? decide(state, frame, node, answer, err) : ask(state, frame, node, err);
}
