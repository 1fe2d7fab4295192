#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run that waits gets its signal from another process, or goes on in one that sends it when its own is gone; a run that is
# cancelled or fails is undone.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >approve.yaml <<'YAML'
id: approve
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [book]}
  - id: book
    type: task
    agent: steps
    action: append
    inputs: {file: "${input.file}", line: book}
    compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: "un${result.line}"}}
    next: [ok]
  - {id: ok, type: wait, signal: approve, timeout: 1h, next: [{to: done, when: "result.by == 'Kim'"}, {to: no, otherwise: true}]}
  - {id: no, type: task, agent: steps, action: fail, inputs: {file: "${input.file}.none/x", times: 0}, next: [done]}
  - {id: done, type: end, output: "${nodes.ok.output.by}"}
YAML

# waiting FILE: starts a run in the background, and returns when it waits; its process is $pid, its id $id.
waiting() {
    mkfifo "$1.said"
    "$TDEV" run approve.yaml -i file="$1" >"$1.out" 2>"$1.said" &
    pid=$!
    while read -r line; do
        case $line in *"waits: tdev runs signal "*) break ;; esac
    done <"$1.said"
    id=${line#*runs signal }
    id=${id% approve}
}

lines() { cut -d' ' -f1 "$1" | tr '\n' ' '; }

trap '' PIPE
waiting a
want 0 "$TDEV" runs signal "$id" approve -i by=Kim; says out "took the signal"
wait $pid || fail "the run that got its signal did not end well"
[ "$(cat a.out)" = '"Kim"' ] || fail "the run did not get what came with the signal"
want 3 "$TDEV" runs signal "$id" approve; says err "has ended: it is done"

waiting b
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
want 0 "$TDEV" runs signal "$id" approve -i by=Kim -q
[ "$(cat out)" = '"Kim"' ] || fail "the run did not go on where the signal was sent"
[ "$(lines b)" = "book " ] || fail "steps were lost, doubled or undone: $(lines b)"

# All that are resumed wait at the same time: the signal for any of them comes through.
waiting f; first=$id; kill -9 $pid; wait $pid 2>/dev/null
waiting g; kill -9 $pid; wait $pid 2>/dev/null
until [ "$("$TDEV" runs list --status orphaned --json | grep -c '"id"')" = 2 ]; do :; done
"$TDEV" runs resume >resumed.out 2>resumed.err &
pid=$!
until [ "$("$TDEV" runs list --status running --json | grep -c '"id"')" = 2 ]; do :; done
want 0 "$TDEV" runs signal "$id" approve -i by=Kim
want 0 "$TDEV" runs signal "$first" approve -i by=Kim
wait $pid || fail "not all were resumed: $(cat resumed.err)"
grep -q "2 resumed and done, 0 not" resumed.out || fail "not both were done: $(cat resumed.out)"

# Of many that approve at once, one is heard; the others are told that it is over.
waiting h
for i in $(seq 12); do
    "$TDEV" runs signal "$id" approve -i by=Kim >many.$i 2>&1 &
done
wait
[ "$(grep -l "took the signal" many.* | wc -l)" = 1 ] || fail "not one of them was heard: $(cat many.*)"
[ "$(grep -l "has ended: it is done" many.* | wc -l)" = 11 ] || fail "not all others were told: $(cat many.*)"
[ "$(lines h)" = "book " ] || fail "the run went on more than once"

# What fails is undone, here behind a signal that leads to a node that fails.
waiting c
want 0 "$TDEV" runs signal "$id" approve -i by=Lee
wait $pid && fail "the run that failed ended well"
[ "$(lines c)" = "book unbook " ] || fail "the failed run was not undone: $(lines c)"

# What is cancelled is undone, wherever its process is.
waiting d
want 0 "$TDEV" runs cancel "$id"; says out "was told to end"
wait $pid && fail "the run that was cancelled ended well"
waiting e
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
want 0 "$TDEV" runs cancel "$id" -q; says out "is cancelled"
want 0 "$TDEV" runs list --status cancelled; says out "$id"
for file in d e; do [ "$(lines $file)" = "book unbook " ] || fail "run $file was not undone once: $(lines $file)"; done
echo "ok"
