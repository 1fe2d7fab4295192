#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs go over to another version of their workflow: what is done is not done again, what is under way goes on, what is new begins.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >v1.yaml <<'YAML'
id: order
version: 1.0.0
inputs: {type: object, required: [file]}
variables: {seen: []}
nodes:
  - {id: begin, type: start, next: [first, each, far]}
  - {id: first, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: one}, outputs: {seen: "${vars.seen + [result.line]}"}, next: [w]}
  - id: each
    type: map
    over: [x, y]
    body:
      - {id: say, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: "m${item}"}, next: [hold]}
      - {id: hold, type: wait, signal: "go-${item}"}
    next: [w]
  - {id: far, type: subworkflow, workflow: child.yaml, inputs: {file: "${input.file}"}, next: [w]}
  - {id: w, type: wait, signal: ok, next: [last]}
  - {id: last, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: last}, next: [e]}
  - {id: e, type: end, output: "${vars.seen}"}
YAML
# Other names, a node more beside the first, one within the body, another end.
cat >v2.yaml <<'YAML'
id: order
version: 2.0.0
inputs: {type: object, required: [file]}
variables: {seen: []}
nodes:
  - {id: begin, type: start, next: [prime, items, far, extra]}
  - {id: prime, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: one}, outputs: {seen: "${vars.seen + [result.line]}"}, next: [w]}
  - {id: extra, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: extra}, next: [w]}
  - id: items
    type: map
    over: [x, y]
    body:
      - {id: tell, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: "m${item}"}, next: [also]}
      - {id: also, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: "also-${item}"}, next: [hold]}
      - {id: hold, type: wait, signal: "go-${item}"}
    next: [w]
  - {id: far, type: subworkflow, workflow: child.yaml, inputs: {file: "${input.file}"}, next: [w]}
  - {id: w, type: wait, signal: ok, next: [final]}
  - {id: final, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: final}, next: [e]}
  - {id: e, type: end, output: "${vars.seen}"}
YAML
cat >child.yaml <<'YAML'
id: child
version: 1.0.0
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [c]}
  - {id: c, type: wait, signal: back, next: [d]}
  - {id: d, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: child}, next: [e]}
  - {id: e, type: end}
YAML
want 0 "$TDEV" workflow validate v1.yaml v2.yaml
maps=(--map first=prime --map each=items --map each.say=items.tell)
lines() { cut -d' ' -f1 "$1" | sort | tr '\n' ' '; }
of() { "$TDEV" runs list --name "$1" -n 1 --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'; }

# begin FILE: in the background, until all three branches wait; sets pid and run.
begin() {
    : >begun
    "$TDEV" run v1.yaml -i file="$dir/$1" >begun.out 2>begun </dev/null &
    pid=$!
    until [ "$(grep -c 'waits: tdev' begun)" = 3 ]; do kill -0 $pid 2>/dev/null || fail "$(cat begun)"; done
    run=$(of order)
}

# --- a run whose process lives, moved by another ---
begin f
[ "$(lines f)" = "mx my one " ] || fail "before: $(lines f)"
want 3 "$TDEV" runs move "$run" --to v2.yaml; says err "run $run cannot go over to \"order\" 2.0.0: step \""; says err "has no place for it"; says err "--map OLD=NEW"
want 0 "$TDEV" runs move "$run" --to v2.yaml "${maps[@]}" --dry-run; says out "would go over from 1.0.0 to 2.0.0"; says out "done: prime, items[0].tell, items[1].tell"
says out "under way: far"; says out "extra"; says out "items[1].also"
want 0 "$TDEV" runs show "$run"; says out "version   1.0.0"
want 0 "$TDEV" runs move "$run" --to v2.yaml "${maps[@]}"; says out "has gone over from 1.0.0 to 2.0.0"
want 3 "$TDEV" runs move "$run" --to v2.yaml "${maps[@]}"; says err "it follows that already"
until [ "$(lines f)" = "also-x also-y extra mx my one " ]; do kill -0 $pid || fail "$(cat begun)"; done
want 0 "$TDEV" runs show "$run"; says out "version   2.0.0"; says out "moved"

# It is killed, and goes on as what it is now; steps keep the keys they had.
kill -9 $pid; wait $pid 2>/dev/null
want 0 "$TDEV" runs show "$run" --at 3 --json; says out '"step": "each[1].'
events=$("$TDEV" runs show "$run" --json | grep -c '"seq"')
want 0 "$TDEV" runs show "$run" --at "$events" --json; says out '"step": "items[1].hold"'
signal() { "$TDEV" runs signal "$1" "$2" -q >out 2>err </dev/null & spid=$!; }
signal "$run" go-x
until "$TDEV" runs show "$run" --json | tr -d '\n ' | grep -q '"event":"signal","step":"items\[0\].hold"'; do kill -0 $spid 2>/dev/null || fail "the signal was not taken: $(cat err)"; done
kill -9 $spid; wait $spid 2>/dev/null

# A second time, to the names of before: what was done under either counts.
sed 's/1.0.0/3.0.0/; s/line: last/line: third/' v1.yaml >v3.yaml
want 3 "$TDEV" runs move "$run" --to v3.yaml --dry-run --map prime=first --map items=each --map items.tell=each.say; says err 'step "extra" is done'
want 0 "$TDEV" runs move "$run" --to v3.yaml --dry-run --map prime=first --map items=each --map items.tell=each.say --drop extra --drop items.also
says out "done: first, each[0].say, each[1].say"; says out "under way: far"
"$TDEV" runs move "$run" --to v3.yaml --map prime=first --map items=each --map items.tell=each.say --drop extra --drop items.also >moved.out 2>moved.err </dev/null & pid=$!
until "$TDEV" runs show "$run" | grep -q "version   3.0.0"; do kill -0 $pid 2>/dev/null || fail "$(cat moved.err)"; done
want 0 "$TDEV" runs signal "$run" go-y
want 0 "$TDEV" runs signal "$run" ok
want 0 "$TDEV" runs signal "$(of child)" back
wait $pid || fail "the run did not end well: $(cat moved.err)"
says moved.err "run $run was told to go over; it goes on here"; says moved.out "has gone over from 2.0.0 to 3.0.0"
[ "$(lines f)" = "also-x also-y child extra mx my one third " ] || fail "in all: $(lines f)"
grep -q "^one $run/first/" f && grep -q "^mx $run/each\[0\].say/" f || fail "a step has another key"
want 0 "$TDEV" runs show "$run"; says out "done"; want 0 "$TDEV" runs export "$run" -o moved.json
want 3 "$TDEV" runs move "$run" --to v2.yaml; says err "has ended: it is done"
TDEV_STATE_DIR=$dir/elsewhere want 0 "$TDEV" runs import moved.json
TDEV_STATE_DIR=$dir/elsewhere want 0 "$TDEV" runs show "$run"; says out "version   3.0.0"

# --- what would leave nothing to be done, or fails, is refused ---
begin g; kill -9 $pid; wait $pid 2>/dev/null
cat >short.yaml <<'YAML'
id: order
version: 4.0.0
nodes: [{id: begin, type: start, next: [e]}, {id: e, type: end}]
YAML
want 3 "$TDEV" runs move "$run" --to short.yaml --drop first --drop each --drop far; says err "nothing of it would be left to be done"
sed 's/4.0.0/5.0.0/; s/{id: e, type: end}/{id: w, type: wait, signal: "${[][0]}", next: [e]}, {id: e, type: end}/; s/next: \[e\]}, {id: w/next: [w]}, {id: w/' short.yaml >bad.yaml
want 3 "$TDEV" runs move "$run" --to bad.yaml --drop first --drop each --drop far; says err "it would have failed"
want 2 "$TDEV" runs move "$run"; says err "--to says"
want 2 "$TDEV" runs move "$run" --to v2.yaml --map a; says err "must be OLD=NEW"
want 0 "$TDEV" runs show "$run"; says out "version   1.0.0"
echo "ok"
