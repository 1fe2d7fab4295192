#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Patterns run by themselves and as nodes; their runs are kept like others.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" pattern list; says out pipeline; says out scatter-gather
want 0 "$TDEV" pattern run pipeline -i text=hello -s 'stages=[{"agent":"echo","action":"echo"},{"agent":"echo","action":"echo"}]'
says out '"success": true'; says out '"text": "hello"'
want 0 "$TDEV" pattern run scatter_gather -i 'items=[{"text":"a"},{"text":"b"},{"text":"c"}]' \
    -s 'workers=[{"agent":"echo","action":"echo"},{"agent":"echo","action":"echo"}]'
says out '"successful": 3'
want 3 "$TDEV" pattern run pipeline -i text=hello; says err 'pattern "pipeline": configuration: the key "stages" is missing'
want 3 "$TDEV" pattern run pipeline -i text=hello -s 'stagez=[]'; says err 'did you mean "stages"'
want 0 "$TDEV" pattern show scatter_gather; says out 'workers '; says out 'which of its actions; its input is the item'
cat >wrong.yaml <<'YAML'
id: wrong
nodes:
  - {id: begin, type: start, next: [each]}
  - {id: each, type: pattern, pattern: scatter_gather, config: {wrokers: [{agent: echo, action: echo}]}, next: [done]}
  - {id: done, type: end}
YAML
want 3 "$TDEV" workflow validate wrong.yaml; says err 'wrong.yaml:4:65: unrecognized key "wrokers", did you mean "workers"'
cat >flow.yaml <<'YAML'
id: both
nodes:
  - {id: begin, type: start, next: [each]}
  - id: each
    type: pattern
    pattern: scatter_gather
    config: {workers: [{agent: echo, action: echo}]}
    inputs: {items: [{text: one}, {text: two}]}
    next: [sub]
  - {id: sub, type: subworkflow, workflow: ./inner.yaml, inputs: {text: "${nodes.each.output.output[1].text}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.sub.output}"}
YAML
cat >inner.yaml <<'YAML'
id: inner
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: echo, action: echo, inputs: {text: "${input.text}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.say.output.text}"}
YAML
want 0 "$TDEV" run flow.yaml; [ "$(cat out)" = '"two"' ] || fail "the output is not two"
want 0 "$TDEV" runs list --json; [ "$(grep -c '"parent"' out)" = 2 ] || fail "two runs should have a parent"

# The examples run with what tdev brings. example NAME TEXT ARGS...: TEXT is in the output.
example() {
    local name=$1 text=$2
    shift 2
    want 0 "$TDEV" run "$TEST_SRCDIR/conf/workflows/patterns/$name.yaml" -q "$@"
    tr -d ' \n' <out >flat
    says flat "$text"
}
example pipeline '"output":"hello"' -i text=hello
example scatter-gather '"texts":["a","b"]' -i 'texts=["a","b"]'
example saga '"success":true,"output":{"text":"home"}' -i order=A-7 -i address=home
example saga '"compensated":[{"step":"charge","success":true,"output":{"text":"A-7"}},{"step":"reserve"' -i order=A-7
example router '"route":"code"' -i text='write Code'
example router '"route":"big"' -i text=hello -i amount=5000
example router '"route":"default","output":{"text":"hello"}' -i text=hello
example aggregator '"output":"red"' -i 'texts=["red","blue","red"]'
example request-reply '"reply":{"text":"hello"},"responder":"spare","tried":[{"responder":"best"' -i question=hello
example voting '"outcome":"decided","decision":"red","decided_by":"vote"' -i 'votes=["red","blue","red"]'
example voting '"outcome":"decided","decision":"red","decided_by":"chairman"' -i 'votes=["red","blue","green"]'
example debate '"outcome":"judged","decision":{"text":"con"},"rounds":2' -i topic=tabs
example reflection '"outcome":"accepted","accepted":true,"output":{"text":"hello"},"round":1' -i text=hello -i accepted=true
example reflection '"outcome":"exhausted","accepted":false,"output":{"text":"hello"},"round":2' -i text=hello -i accepted=false
example supervisor '"outcome":"done","success":true,"output":{"once":{"text":"hello"},"twice":{"text":"hello"}}' -i text=hello
example teams '"outcome":"done","success":true,"output":{"make":{"outcome":"done"' -i dish=soup
example teams '"outcome":"incomplete","success":false,"output":{},"results":[{"id":"make","worker":"kitchen","success":false'
example map-reduce '["red","blue"]' -i 'texts=["red","blue","red"]'
example handoff '"outcome":"done","output":{"success":true,"output":{"text":"hello"}' -i to=tech -i text=hello
example choreography '"outcome":"done","success":true,"output":"home"' -i order=A-7 -i address=home
example choreography '"outcome":"quiet","success":false' -i order=A-7
example blackboard '"outcome":"solved","success":true,"output":"thegardener"' -i clue=ash
example blackboard '"outcome":"stuck","success":false,"output":null' -i clue=mud
example auction '"outcome":"awarded","success":true,"output":{"text":"hammer"},"winner":"cheap","price":2' -i tool=hammer
example auction '"output":{"text":"byhand"},"winner":"dear","price":9'
example consensus '"outcome":"agreed","success":true,"output":"tabs","proposed_by":"ann","round":1' -i 'votes=["ann","ann","bob"]'
example consensus '"outcome":"no_consensus","success":false,"output":null,"proposed_by":null,"round":2' -i 'votes=["ann","bob","none"]'
example barrier '"outcome":"passed","success":true,"output":{"left":{"route":"leftsecond","output":{"text":"pong"}},"right":{"route":"rightsecond","output":{"text":"ping"}}}' -i left=ping -i right=pong
example barrier '"outcome":"broken","success":false' -i left=ping
example election '"leader":"first","priority":10,"output":{"text":"count"},"term":1' -i up=yes -i work=count
example election '"leader":"spare","priority":0,"output":{"text":"spare"},"term":1' -i work=count
example election '"leader":"spare","priority":0,"output":{"text":"spare"},"term":2' -i up=yes
example token-ring '"outcome":"went_round","success":true,"output":{"text":"hello"},"lap":2,"passes":4' -i text=hello
example orchestrator '"success":true,"outcome":"done","output":{"fetch":{"text":"hello"},"say":{"text":"hello"},"greet":{"text":"hellotoyoutoo"}}' -i text=hello
example orchestrator '"output":{"fetch":{"text":"hi"},"greet":null,"say":{"text":"hi"}}' -i text=hi
example orchestrator '"fetch":{"success":true,"output":{"text":"therewasnotext"},"by":"excuse","tried":[{"name":"fetch"'
example sequence '"sign":{"success":true,"output":{"text":"Kim"}},"store":{"success":true,"output":{"reply":{"text":"hello"}' -i text=hello -i name=Kim
example sequence '"sign":{"success":true,"output":null,"skipped":true},"store":{"success":true' -i text=hello
example sequence '"success":true,"outcome":"stopped"' -i text=stop; says flat '"failed":[],"stopped_by":"clean"'
example sequence '"success":false,"outcome":"stopped"'; says flat '"failed":["clean"],"stopped_by":"clean"'
example parallel '"output":{"loud":{"success":true,"output":{"text":"hello"}' -i text=hello; says flat '"quiet":{"reply":{"text":"hello"}'
want 1 "$TDEV" run "$TEST_SRCDIR/conf/workflows/patterns/parallel.yaml" -q; says err '0 of 2 members succeeded, 1 is needed; the first failure: stage "echo"'
example branch '"success":true,"outcome":"done","output":{"text":"seen"},"results":{"always":{"success":true,"output":{"text":"seen"}},"big":{"success":true,"output":null,"skipped":true}' -i amount=5
example branch '"success":true,"outcome":"done","output":{"text":"lookedattwice"}' -i amount=7000 -i who=Kim
example branch '"success":false,"outcome":"stopped","output":{"text":"seen"}' -i amount=7000; says flat '"failed":["big"],"stopped_by":"big"'
example retry '"success":true,"output":{"text":"hello"}' -i text=hello
want 1 "$TDEV" run "$TEST_SRCDIR/conf/workflows/patterns/retry.yaml" -q; says err 'failed after 2 attempts: "pipeline": input of "echo"'
example timeout '{"text":"hello"}' -i text=hello

# Each is in the library: installed, with its card, an example that ran above, and its place in the manual.
want 0 "$TDEV" pattern list; mv out list
for manifest in "$TEST_SRCDIR"/plugins/patterns/*/plugin.yaml; do
    folder=${manifest%/plugin.yaml} name=$(basename "${manifest%/plugin.yaml}")
    says list "$name "
    for row in category "use it for" advantages drawbacks complexity calls bounds; do says "$folder/README.md" "| $row | "; done
    grep -q "^example $name " "$TEST_SRCDIR/tests/e2e/20-patterns.sh" || fail "the example of $name is not run"
    says "$TEST_SRCDIR/docs/patterns.md" "| [$name](#$name) |"
    says "$TEST_SRCDIR/docs/patterns.md" "### $name"
done
echo "ok"
