#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run is looked at as it was; a new one goes on from there; a step that failed is done again, and the others are not.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >two.yaml <<'YAML'
id: two
tags: [shop]
inputs: {type: object, required: [file]}
variables: {seen: none}
nodes:
  - {id: begin, type: start, next: [a, b]}
  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: a}, outputs: {seen: "${result.line}"}, next: [c]}
  - {id: b, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: b}, next: [j]}
  - {id: c, type: task, agent: steps, action: fail, inputs: {file: "${input.file}.n", times: 1}, retry: {max_attempts: 1}, on_error: fail, next: [j]}
  - {id: j, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: j}, next: [e]}
  - {id: e, type: end, output: "${nodes.c.output.attempts}"}
YAML
newest() { "$TDEV" runs list -n 1 --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'; }
lines() { cut -d' ' -f1 "$1" | sort | tr '\n' ' '; }

want 1 "$TDEV" run two.yaml -i file="$dir/f" --tag blue
first=$(newest)
want 0 "$TDEV" runs show "$first" --at 1 --json; says out '"seen": "none"'; says out '"step": "a"'
want 0 "$TDEV" runs show "$first" --at 1; says out "run $first, two, after event 1, "; says out "open      a (call)"; says out 'variables seen = "none"'
grep -q "^done" out && fail "nothing is done after the first event"
want 0 "$TDEV" runs show "$first" --at 4; says out 'variables seen = "a"'; grep -q "^done .*a" out || fail "what was done is not told"
want 3 "$TDEV" runs show "$first" --at 5; says err "has ended with event 5: nothing follows it"
want 3 "$TDEV" runs show "$first" --at 6; says err "has 5 events, not 6"
want 2 "$TDEV" runs show "$first" --at x; says err "--at must be a whole number from 1 to "

# The step that failed, and what follows it: once, and the rest not again.
want 0 "$TDEV" runs retry "$first"; [ "$(cat out)" = 2 ] || fail "the step was not done again"
[ "$(lines f)" = "a b j " ] || fail "done in all: $(lines f)"
second=$(newest)
want 0 "$TDEV" runs show "$second"; says out "from      $first"
want 0 "$TDEV" runs show "$first"; says out "failed"

# An earlier one: what rests on it is done again, with the keys it had.
want 0 "$TDEV" runs retry "$first" --from a
[ "$(lines f)" = "a a b j j " ] || fail "done in all: $(lines f)"
[ "$(grep -c "^a $first/a/" f)" = 2 ] || fail "the step has another key when it is done again"
want 3 "$TDEV" runs retry "$first" --from nothing; says err 'never came to a step "nothing"'

# Of two that failed, the other is taken over, which is said; what was undone cannot be retried, which is said first.
cat >both.yaml <<'YAML'
id: both
nodes:
  - {id: begin, type: start, next: [x, y]}
  - {id: x, type: task, agent: steps, action: pure, inputs: {n: 1}, compensate: {agent: steps, action: pure, inputs: {n: 1}}, next: [done]}
  - {id: y, type: wait, signal: never, timeout: 20ms, on_error: fail, next: [done]}
  - {id: done, type: end}
YAML
want 1 "$TDEV" run both.yaml -q; both=$(newest)
want 1 "$TDEV" runs retry "$both" --from x
says err 'step "x" was not done again: how step "y" ended is taken over: node "y": it took longer'
says err "do that one again: tdev runs retry $both --from y"
sed -i 's/^id: both/id: gone/; s/, on_error: fail//; s/, timeout: 20ms//' both.yaml
"$TDEV" run both.yaml -q >/dev/null 2>&1 & pid=$!
until "$TDEV" runs list --name gone --status running | grep -q gone; do kill -0 $pid || fail "it does not wait"; done
both=$(newest); want 0 "$TDEV" runs cancel "$both"; wait $pid
want 1 "$TDEV" runs retry "$both"; says err "what run $both did was undone"
grep -q -- "--from" err && fail "it hints at what cannot be done"

# A fork does everything anew that came later, under keys of its own.
rm f; want 0 "$TDEV" runs fork "$first" --at 1
[ "$(lines f)" = "a b j " ] || fail "done by the fork: $(lines f)"
grep -q "$first" f && fail "a fork uses the keys of the old run"
want 2 "$TDEV" runs fork "$first"; says err "--at"
want 0 "$TDEV" runs fork "$second" --at 1; [ "$(lines f)" = "a b j j " ] || fail "a fork of a retry: $(lines f)"

# By their tags.
want 0 "$TDEV" runs list --tag blue; grep -q "$first" out && [ "$(wc -l <out)" -ge 5 ] || fail "the runs of a tag, and what was made of them"
want 0 "$TDEV" runs list --tag shop; says out "$first"
want 0 "$TDEV" runs list --tag red; says out "no runs"
want 2 "$TDEV" run two.yaml -i file="$dir/g" --tag "a b"; says err '--tag must be one word'

# Into another store, and on from there.
want 0 "$TDEV" runs export "$first" -o f.json; says out "is in f.json"
want 3 "$TDEV" runs import f.json; says err "is in this store already"
export TDEV_STATE_DIR=$dir/other
want 0 "$TDEV" runs import f.json; says out "$first"
want 0 "$TDEV" runs show "$first"; says out "failed"
want 0 "$TDEV" runs retry "$first"; want 0 "$TDEV" store verify
sed 's/"seen": "none"/"seen": "nine"/' f.json >g.json
TDEV_STATE_DIR=$dir/third want 3 "$TDEV" runs import g.json; says err "the definition in it is not the one"
echo '{"format": "tdev-run", "version": 1}' >g.json; want 3 "$TDEV" runs import g.json; says err "that is no run"
# broken SED WORDS: a record changed like that is refused.
broken() {
    sed "$1" f.json >g.json
    TDEV_STATE_DIR=$dir/third want 3 "$TDEV" runs import g.json; says err "$2"
}
broken 's/"kind": "workflow"/"kind": 7/' '"kind" of its record must be a text'
broken 's/"status": "failed"/"status": null/' '"status" of its record must be a text'
broken 's/"created_us": \([0-9]*\)/"created_us": "\1"/' '"created_us" of its record must be a whole number'
broken 's/"ended_us": \([0-9]*\)/"ended_us": true/' '"ended_us" of its record must be a whole number'
cat >waits.yaml <<'YAML'
id: waits
nodes:
  - {id: begin, type: start, next: [w]}
  - {id: w, type: subworkflow, workflow: inner.yaml, next: [e]}
  - {id: e, type: end, output: "${nodes.w.output}"}
YAML
cat >inner.yaml <<'YAML'
id: inner
nodes:
  - {id: begin, type: start, next: [ok]}
  - {id: ok, type: wait, signal: ok, next: [e]}
  - {id: e, type: end, output: "${nodes.ok.output.by}"}
YAML
"$TDEV" run waits.yaml >waits.out 2>&1 &
pid=$!
until "$TDEV" runs waiting --json | grep -q '"ok"'; do :; done
id=$("$TDEV" runs list --name waits --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'); child=$("$TDEV" runs list --name inner --json | sed -n 's/.*"id": "\(.*\)".*/\1/p')
want 1 "$TDEV" runs export "$id"; says err "in a process that is alive"
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs export "$id" -o w.json >/dev/null 2>&1; do :; done
export TDEV_STATE_DIR=$dir/fourth
want 0 "$TDEV" runs import w.json
want 0 "$TDEV" runs list --status orphaned; says out "$id"; says out "$child"
"$TDEV" runs resume "$id" >w.out 2>w.err &
pid=$!
until "$TDEV" runs list --status running --json | grep -q "$child"; do :; done
want 0 "$TDEV" runs signal "$child" ok -i by=Kim
wait $pid || fail "an imported run does not go on"
[ "$(cat w.out)" = '"Kim"' ] || fail "an imported run lost its child"
unset TDEV_STATE_DIR

# What was undone is not gone on with.
sed 's/on_error: fail/compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: none}}/; s/inputs: {file: "${input.file}", line: a}/&, compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: una}}/; s/^id: two/id: undo/' two.yaml >undo.yaml
want 1 "$TDEV" run undo.yaml -i file="$dir/u"
want 1 "$TDEV" runs retry "$(newest)"; says err "was undone"

# A retry that fails again is retried, too; its steps have names, also what it took over.
cat >thrice.yaml <<'YAML'
id: thrice
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: a}, next: [c]}
  - {id: c, type: task, agent: steps, action: fail, inputs: {file: "${input.file}.n", times: 2}, retry: {max_attempts: 1}, next: [e]}
  - {id: e, type: end, output: "${nodes.c.output.attempts}"}
YAML
want 1 "$TDEV" run thrice.yaml -i file="$dir/g"
one=$(newest)
want 1 "$TDEV" runs retry "$one"; two=$(newest)
want 0 "$TDEV" runs show "$two"; says out "failed    c"
want 0 "$TDEV" runs report "$two" --json; says out '"step": "c"'; says out '"steps_done": 1'
want 0 "$TDEV" runs retry "$two" --from c; [ "$(cat out)" = 3 ] || fail "a retry of a retry gives $(cat out)"
[ "$(lines g)" = "a " ] || fail "done in all: $(lines g)"
echo "ok"
