#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Policies files say what becomes of failures: in calls and in runs others stand in, breakers open, alerts are raised, and events tell of it.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
mkdir -p config/tdev/agents config/tdev/policies
for name in first second; do echo "plugin: steps" >config/tdev/agents/$name.yaml; done
p=config/tdev/policies/p.yaml

# A fault has its place, and nothing runs by half a file.
printf 'rules:\n- match: {agents: first, codes: unavailble}\n  ignore: true\n' >$p
want 3 "$TDEV" agent call steps pure -i n=1
says err "policies/p.yaml:2:33: \"unavailble\" is no code of errors, did you mean \"unavailable\""

# Another agent stands in, in a call and in a run, where the journal has it.
cat >$p <<'YAML'
rules:
- name: stand-in
  match: {agents: first, actions: fail}
  retry: {max_attempts: 2, initial: 1ms}
  fallback: [gone, second]
- name: tell
  match: {agents: second, actions: fail, text: "(?i)FAIL"}
  escalate: ops
  use: {attempts: 99}
YAML
want 0 "$TDEV" agent call first fail -i "file=$dir/calls" -i times=2 --json; says out '"attempts": 3'
cat >flow.yaml <<'YAML'
id: flow
inputs: {type: object}
nodes:
  - {id: begin, type: start, next: [try]}
  - {id: try, type: task, agent: "first", action: fail, inputs: {file: "${input.file}", times: "${input.times}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.try.output.attempts}"}
YAML
want 0 "$TDEV" run flow.yaml -q -i "file=$dir/runs" -i times=2; [ "$(cat out)" = 3 ] || fail "the run says $(cat out)"
want 0 "$TDEV" runs list --json; id=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' out | head -1)
want 0 "$TDEV" runs show "$id" --json
says out '"stand_in": "second"'; says out '"rule": "p/stand-in"'; says out '"category": '

# What is used in the end, and who is told.
want 0 "$TDEV" agent call second fail -i "file=$dir/none" -i times=500 --json; says out '"attempts": 99'
sed 's/agent: "first"/agent: second/' flow.yaml >told.yaml
want 0 "$TDEV" run told.yaml -q -i "file=$dir/none" -i times=500; [ "$(cat out)" = 99 ] || fail "the run says $(cat out)"
want 0 "$TDEV" event list --json; says out '"error.escalated"'; says out '"to": "ops"'; says out '"rule": "p/tell"'

# A breaker opens, the next step is refused with words, alerts and events tell.
cat >$p <<'YAML'
breakers:
- {match: {agents: first}, failures: 2, cool_down: 1h}
alerts:
- {name: many, count: 2, severity: critical}
YAML
cat >breaker.yaml <<'YAML'
id: breaker
inputs: {type: object}
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: first, action: fail, inputs: &in {file: "${input.file}", times: 500}, retry: {max_attempts: 2, initial: 1ms}, on_error: skip, next: [b]}
  - {id: b, type: task, agent: first, action: fail, inputs: *in, retry: {max_attempts: 1}, on_error: skip, next: [done]}
  - {id: done, type: end, output: "${nodes.b.error}"}
YAML
want 0 "$TDEV" run breaker.yaml -q -i "file=$dir/broken"
says out "its breaker is open since"; says out '"code": "unavailable"'; says out '"severity": "high"'; says out '"retry_after_ms": '
[ "$(wc -c <"$dir/broken")" -eq 2 ] || fail "it was called after it had opened"
says err "an alert is raised"
want 0 "$TDEV" event list --json; says out '"breaker.opened"'; says out '"alert.raised"'; says out '"alert": "many"'

want 0 "$TDEV" errors; says out "unavailable     communication     high"
echo "ok"
