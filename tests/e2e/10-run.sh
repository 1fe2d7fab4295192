#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A workflow runs, its run is kept, and can be looked at.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
cat >hello.yaml <<'YAML'
id: hello
inputs: {type: object, required: [who], properties: {who: {type: string}}, additionalProperties: false}
nodes:
  - {id: begin, type: start, next: [greet]}
  - {id: greet, type: task, agent: echo, action: echo, inputs: {text: "hi ${input.who}"}, next: [again]}
  - {id: again, type: task, agent: echo, action: echo, inputs: {text: "${nodes.greet.output.text}!"}, next: [done]}
  - {id: done, type: end, output: "${nodes.again.output.text}"}
YAML
want 0 "$TDEV" workflow validate hello.yaml
want 0 "$TDEV" run hello.yaml -i who=Kim; [ "$(cat out)" = '"hi Kim!"' ] || fail "the output is not hi Kim!"
says err "greet"
want 3 "$TDEV" run hello.yaml; says err "who"
want 3 "$TDEV" run hello.yaml -i who=Kim -i age=7; says err "age"
TDEV_LIMITS_INPUT_BYTES=1KiB want 3 "$TDEV" run hello.yaml -i who="$(head -c 2000 /dev/zero | tr '\0' x)"
says err "at most 1024 are allowed"; says err "limits.input_bytes"
want 0 "$TDEV" runs list; says out "done"; says out "hello"
id=$(cut -c1-36 out | head -1)
want 0 "$TDEV" runs show "$id"; says out "again"; says out "ended"
want 0 "$TDEV" runs show "${id:0:23}"
want 0 "$TDEV" runs watch "$id"; says out "done"
want 3 "$TDEV" runs resume "$id"; says err "has ended: it is done"
want 3 "$TDEV" runs show 00000000-nothing; says err "there is no run"
want 0 "$TDEV" workflow graph hello.yaml; says out "<svg"; says out "stroke-width:3"
grep -q ' critical"' out && fail "nobody asked for the critical path"
cat >naps.yaml <<'YAML'
id: naps
nodes:
  - {id: begin, type: start, next: [naps, say]}
  - {id: naps, type: loop, times: 3, next: done, body: [{id: nap, type: sleep, duration: 20ms}]}
  - {id: say, type: task, agent: echo, action: echo, inputs: {text: hi}, next: ask}
  - {id: ask, type: wait, signal: ok, next: done}
  - {id: done, type: end}
YAML
want 0 "$TDEV" workflow graph naps.yaml --plan
says out "naps takes 60.0 ms"; says out "critical path: begin > naps > done"; says out "side by side: naps, say"
says out "not known, counted as 0: ask"; says out "body, 3 in a row"
want 0 "$TDEV" workflow graph naps.yaml --plan --json; says out '"slack_ms": 59.0'; says out '"source": "manifest"'
want 0 "$TDEV" workflow graph naps.yaml --plan -o naps.svg; says out "critical path"
[ "$(grep -c ' critical"' naps.svg)" = 6 ] || fail "the drawing shows another path"
want 2 "$TDEV" workflow graph naps.yaml --history; says err "--history is for --plan"
want 2 "$TDEV" workflow graph naps.yaml --plan --format dot; says err "give it with --output"
cat >typed.yaml <<'YAML'
id: typed
variables: {total: 0}
types: {total: {type: integer, maximum: 9}}
nodes:
  - {id: begin, type: start, next: [ask]}
  - {id: ask, type: task, agent: echo, action: echo, inputs: {text: "${input.text}"}, outputs: {total: "${int(result.text)}"}, next: [done]}
  - {id: done, type: end, output: "${vars.total}"}
YAML
want 0 "$TDEV" run typed.yaml -i text='"7"'; [ "$(cat out)" = 7 ] || fail "the output is not 7"
want 3 "$TDEV" run typed.yaml -i text='"12"'; says err 'node "ask": variable "total" cannot take 12: must be at most 9, is 12'
sed 's/total: 0/total: none/' typed.yaml >bad.yaml
want 3 "$TDEV" workflow validate bad.yaml; says err 'bad.yaml:2:20: variable "total": must be an integer, is a string'
sed 's/agent: echo, action: echo, inputs: {text: "hi/agent: ecko, action: echo, inputs: {text: "hi/' hello.yaml >bad.yaml
want 3 "$TDEV" workflow validate bad.yaml; says err 'bad.yaml:5'; says err 'ecko'
# All that is wrong is told, but not what only follows from it; of very much only the beginning.
cat >bad.yaml <<'YAML'
id: bad
descripton: x
nodes:
  - {id: begin, type: start, next: [a, b]}
  - {id: a, type: sleep, duration: 1 fortnight, next: [dnoe]}
  - id: b
    type: loop
    times: 2
    body: [{id: x, type: set, output: "${vars.m}"}, {id: y, type: set, output: "${item}"}]
    next: [done, {to: don}]
  - {id: done, type: end}
YAML
want 3 "$TDEV" workflow validate bad.yaml
for place in 2:1 5:36 9:39 9:80 5:56 10:18; do says err "bad.yaml:$place: "; done
[ "$(grep -c '^tdev: ' err)" = 6 ] || fail "not six faults"
want 3 "$TDEV" workflow validate bad.yaml --json; [ "$(grep -c '"text": ' out)" = 6 ] || fail "not six faults as JSON"
cat >doubt.yaml <<'YAML'
id: doubt
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: echo, action: echo, inputs: {text: x}, in_doubt: reconcile, next: [done]}
  - {id: done, type: end}
YAML
want 0 "$TDEV" workflow validate doubt.yaml; says err 'doubt.yaml:4:81: node "a" asks its action'; says err "a person is asked"
{ echo 'id: bad'; echo 'nodes:'; for i in $(seq 30); do echo "  - {id: n$i, type: nothing}"; done; } >bad.yaml
want 3 "$TDEV" workflow validate bad.yaml; [ "$(grep -c 'no node type' err)" = 20 ] || fail "the bound of faults"; says err "there may be more"
echo "ok"
