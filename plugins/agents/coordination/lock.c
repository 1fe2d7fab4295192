/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock: a lease with a fencing token. Who holds it may use the thing until the lease runs out;
 * every new holder gets a greater token, also after release, so the thing itself can refuse who is
 * late.
 */
#include "coordination.h"

#include <string.h>

static bool is_held(const json_t *old, int64_t now_ms)
{
    return text_of(old, "holder") != NULL && int_of(old, "until", 0) > now_ms;
}

int lock_step(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
              struct td_err *err)
{
    const char *me = text_of(input, "holder"), *holder = text_of(old, "holder");
    json_int_t token = int_of(old, "token", 0), until = now_ms + int_of(input, "ttl_ms", 0);

    (void)err;
    if (is_held(old, now_ms) && strcmp(holder, me) != 0) {
        ret_step->answer = json_pack("{s:b, s:s, s:I}", "acquired", 0, "holder", holder, "until_ms",
                                     (json_int_t)int_of(old, "until", 0));
        ret_step->is_waiting = true;
        return 0;
    }
    if (!is_held(old, now_ms))
        token++;
    ret_step->record = json_pack("{s:s, s:I, s:I, s:I}", "holder", me, "token", token, "until",
                                 until, "released", (json_int_t)int_of(old, "released", 0));
    ret_step->answer = json_pack("{s:b, s:s, s:I, s:I}", "acquired", 1, "holder", me, "token",
                                 token, "until_ms", until);
    return ret_step->record != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the lock");
}

/* Released twice is released; a token that was followed by another is not. */
int unlock_step(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
                struct td_err *err)
{
    json_int_t token = int_of(input, "token", 0);
    bool is_mine = text_of(old, "holder") != NULL && int_of(old, "token", 0) == token,
         was_mine = int_of(old, "released", 0) == token;

    (void)now_ms;
    ret_step->answer = json_pack("{s:b}", "released", is_mine || was_mine);
    if (!is_mine)
        return 0;
    ret_step->record =
        json_pack("{s:n, s:I, s:i, s:I}", "holder", "token", token, "until", 0, "released", token);
    return ret_step->record != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the lock");
}
