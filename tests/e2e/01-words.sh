#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Help, version and what is said of words that do not exist.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" version; says out "tdev 0.1.0"
want 0 "$TDEV" help; says out "build REQUEST"; says out "runs resume"
want 0 "$TDEV" help build; says out "--explain"
want 2 "$TDEV"
want 2 "$TDEV" biuld x; says err 'there is no verb "biuld", did you mean "build"'
want 2 "$TDEV" build; says err "build needs REQUEST"
want 2 "$TDEV" build a b; says err 'one word too many: "b"'
want 2 "$TDEV" build --exlpain x; says err 'unrecognized option "--exlpain", did you mean "--explain"'
want 2 "$TDEV" run --input; says err 'option "--input" needs its value'
want 2 "$TDEV" runs list --limit none; says err "--limit must be a whole number"
echo "ok"
