#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two programs on one store do not touch each other's runs; one that is killed leaves an orphan that the other can finish.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >slow.yaml <<'YAML'
id: slow
inputs: {type: object}
nodes:
  - {id: begin, type: start, next: [first]}
  - {id: first, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: first}, next: [wait]}
  - {id: wait, type: task, agent: steps, action: slow, inputs: {ms: "${input.ms}"}, next: [last]}
  - {id: last, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: last}, next: [done]}
  - {id: done, type: end, output: {}}
YAML
"$TDEV" run slow.yaml -q -i "file=$dir/lines" -i ms=2500 >slow.out 2>slow.err &
pid=$!
until [ -s lines ]; do kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat slow.err)"; done
id=$("$TDEV" runs list --json | sed -n 's/.*"id": "\([^"]*\)".*/\1/p')
want 0 "$TDEV" runs list; says out running
want 1 "$TDEV" runs resume "$id"; says err "is being run by a process that is alive"
want 0 "$TDEV" run slow.yaml -q -i "file=$dir/other" -i ms=1
kill -9 $pid; wait $pid 2>/dev/null
want 0 "$TDEV" runs list --status orphaned; says out "$id"
want 0 "$TDEV" runs resume; says out "1 resumed and done"
[ "$(cut -d' ' -f1 lines | tr '\n' ' ')" = "first last " ] || fail "lines: $(cat lines)"
want 0 "$TDEV" runs list --status orphaned; says out "no runs"
# Many that find no store yet: one makes it, and the others use it.
for round in 1 2 3 4 5 6 7 8; do
    pids=
    for i in 1 2 3 4 5 6 7 8; do
        TDEV_STATE_DIR=$dir/store.$round "$TDEV" runs list >new.$i 2>&1 &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || fail "one of eight that made a store: $(cat new.*)"; done
    TDEV_STATE_DIR=$dir/store.$round want 0 "$TDEV" store verify
done
echo "ok"
