#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where a run's time went, how far it is, and what went wrong in it.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >work.yaml <<'YAML'
id: work
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [short, long]}
  - {id: short, type: task, agent: steps, action: pure, inputs: {n: 1}, next: [shaky]}
  # It waits for the last attempt of "shaky", so it takes longer than both others, whatever else the machine does.
  - {id: long, type: task, agent: steps, action: slow, inputs: {ms: 300, file: "${input.file}", bytes: 3}, next: [ask]}
  - {id: shaky, type: task, agent: steps, action: fail, inputs: {file: "${input.file}", times: 2}, retry: {max_attempts: 3, initial: 1ms}, next: [ask]}
  - {id: ask, type: wait, signal: ok, next: [done]}
  - {id: done, type: end}
YAML
newest() { "$TDEV" runs list -n 1 --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'; }

begin() {
    rm -f said
    mkfifo said
    "$TDEV" run work.yaml -i file="$dir/$1" 2>said >out.$1 &
    pid=$!
    while read -r line; do case $line in *"waits: tdev runs signal "*) break ;; esac; done <said
    id=$(newest)
}
trap '' PIPE
begin a
want 0 "$TDEV" runs report "$id"; says out "work  running"; says out "75 %"; says out "shaky"; says out "2 retries"
grep -q "to go" out && fail "without earlier runs nobody knows how long it takes"
want 0 "$TDEV" runs signal "$id" ok; wait $pid || fail "the run does not end"
want 0 "$TDEV" runs report "$id"; says out "100 %"; says out "shaky: attempt 1 fails"
want 0 "$TDEV" runs report "$id" --json; says out '"bottlenecks": ['; says out '"step": "long"'; says out '"steps_done": 4'

want 0 "$TDEV" workflow graph work.yaml --plan --history --json
says out '"earlier_runs": 1'; says out '"source": "history"'; says out '"unknown": []'
want 0 "$TDEV" workflow graph work.yaml --plan --history; says out "critical path: begin > long > ask > done"
want 0 "$TDEV" workflow graph work.yaml --plan; says out "not known, counted as 0: "

begin b
want 0 "$TDEV" runs report "$id"; says out " to go, as 1 earlier runs took"
want 0 "$TDEV" runs report "$id" --json; says out '"remaining_ms"'; says out '"signal": "ok"'; says out '"stuck": []'
want 0 "$TDEV" runs cancel "$id"; wait $pid
# All that could not be undone, and a run that came to no end.
cat >undo.yaml <<'YAML'
id: undo
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: steps, action: pure, inputs: {n: 1}, compensate: {agent: steps, action: fail, inputs: {file: /nowhere/a, times: 1}, retry: {max_attempts: 2, initial: 1ms}}, next: [b]}
  - {id: b, type: task, agent: steps, action: pure, inputs: {n: 1}, compensate: {agent: steps, action: fail, inputs: {file: /nowhere/b, times: 1}}, next: [c]}
  - {id: c, type: task, agent: steps, action: pure, inputs: {n: "${input.n}"}, next: [done]}
  - {id: done, type: end}
YAML
want 3 "$TDEV" run undo.yaml -i n=x -q; says err 'could not be undone: node "b": '; says err '; node "a": '
want 0 "$TDEV" runs report "$(newest)"; says out "could not be undone: b"; says out "could not be undone: a"
want 0 "$TDEV" runs report "$(newest)" --json
[ "$(tr -d ' \n' <out | grep -o '"not_undone":\[{"step":"b","error":{[^}]*}},{"step":"a","error":{[^}]*}}\]' | wc -l)" = 1 ] ||
    fail "the report does not have both"
# Neither is one undone whose compensation cannot be worked out.
sed -i 's/id: undo$/id: never/; s/inputs: {file: .nowhere.b, times: 1}/inputs: {file: "${nodes.c.output.file}", times: 1}/; s/{agent: steps, action: fail, inputs: {file: .nowhere.a.*ms}}/{agent: steps, action: pure, inputs: {n: 1}}/' undo.yaml
want 3 "$TDEV" run undo.yaml -i n=1 -q; says err '1 of 2 could not be undone: node "b": compensate: '
want 0 "$TDEV" runs report "$(newest)"; says out "could not be undone: b"
want 0 "$TDEV" runs report "$(newest)" --json
[ "$(tr -d ' \n' <out | grep -o '"not_undone":\[.*\],"timeline"' | grep -o '"step":"[a-z]*"')" = '"step":"b"' ] || fail "the report does not have it once"

cat >ways.yaml <<'YAML'
id: ways
nodes:
  - {id: begin, type: start, next: [d]}
  - {id: d, type: decision, next: [{to: e, when: "input.n == 1"}]}
  - {id: e, type: end, output: "${null}"}
YAML
want 0 "$TDEV" workflow validate ways.yaml
says err 'warning: ways.yaml:4:5: decision "d" has no edge with "otherwise"'
want 0 "$TDEV" workflow validate ways.yaml --json; says out '"warnings": ['; [ ! -s err ] || fail "with --json it is told twice"
want 0 "$TDEV" run ways.yaml -i n=1; want 0 "$TDEV" runs report "$(newest)"
grep -q "came to no end" out && fail "a run that came to its end is told off"
want 0 "$TDEV" run ways.yaml -i n=2; want 0 "$TDEV" runs report "$(newest)"; says out "it came to no end"
want 0 "$TDEV" runs report "$(newest)" --json; says out '"missed_end": true'
want 3 "$TDEV" runs report nothing; says err 'there is no run "nothing"'
echo "ok"
