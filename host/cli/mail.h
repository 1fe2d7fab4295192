/* SPDX-License-Identifier: Apache-2.0 */
/* mail: a message for a run, sent by a verb. */
#ifndef TDH_CLI_MAIL_H
#define TDH_CLI_MAIL_H

#include "cli/follow.h"

struct tdh_sending {
    const struct tdh_args *args; /* the first word names the run */
    struct tdh_message message;
    struct tdh_follow follow;
    bool is_here; /* the run went on here */
};

/** Sends the message to a run, and waits until it is taken. A run whose process is gone takes it
 * here, and goes on to its end. record: as tdh_runs_record gives it. */
TD_YIELDS int tdh_mail_send(struct tdh_host *host, struct tdh_sending *sending,
                            const json_t *record, struct td_err *err);

#endif
