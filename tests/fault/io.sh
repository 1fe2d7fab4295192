#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/io: a run of 30 steps with nodes of every type is killed at each thing it does to a file, one after the other; once more in the middle
# of each write; once more with its resumption killed as well; and once more the disk is full from there on. Then it is resumed. Its outcome and its effects are those of a run that was
# left alone.
#
#   TDEV=the program, IO_EVERY=N only every N-th (default 9), SEED=which of them first
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
shim=$TEST_BUILDDIR/tests/fault/.libs/io.so
every=${IO_EVERY:-9}
RANDOM=${SEED:-$$}
[ -e "$shim" ] || { echo "the library tests/fault/io is not built"; exit 77; }
if LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    echo "a program with a sanitizer takes no other library before its own"; exit 77
fi

effect() { echo "agent: steps, action: append, inputs: {file: \"\${input.file}\", line: \"$1\"}"; }
cat >part.yaml <<YAML
id: part
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [p1]}
  - {id: p1, type: task, $(effect p1), next: [p2]}
  - {id: p2, type: task, $(effect p2), next: [done]}
  - {id: done, type: end, output: {part: done}}
YAML
# It fails, and undoes what it did.
cat >torn.yaml <<YAML
id: torn
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [t1]}
  - {id: t1, type: task, $(effect t1), compensate: {$(effect un-t1)}, next: [t2]}
  - {id: t2, type: task, agent: steps, action: fail, inputs: {file: "\${input.file}.fails", times: 1000}, retry: {max_attempts: 1}, next: [done]}
  - {id: done, type: end}
YAML
cat >all.yaml <<YAML
id: all
inputs: {type: object, required: [file]}
variables: {count: 0}
nodes:
  - {id: begin, type: start, next: [a1]}
  - {id: a1, type: task, $(effect a1), outputs: {count: "\${vars.count + 1}"}, next: [a2]}
  - {id: a2, type: task, agent: steps, action: pure, inputs: {n: "\${vars.count}"}, next: [choose]}
  - {id: choose, type: decision, next: [{to: never, when: "nodes.a2.output.n == 0"}, {to: fan, otherwise: true}]}
  - {id: never, type: task, $(effect never), next: [done]}
  - {id: fan, type: parallel, next: [b1, b2, b3]}
  - {id: b1, type: task, $(effect b1), next: [join]}
  - {id: b2, type: task, $(effect b2), next: [join]}
  - {id: b3, type: sleep, duration: 1ms, next: [join]}
  - {id: join, type: task, agent: steps, action: pure, inputs: {n: 1}, next: [rounds]}
  - id: rounds
    type: loop
    while: vars.round < 4
    variables: {round: 0}
    types: {round: integer}
    output: "\${vars.round}"
    body:
      - {id: r1, type: task, $(effect 'r1-${vars.round}'), next: [r2]}
      - {id: r2, type: task, agent: steps, action: pure, inputs: {n: "\${index}"}, outputs: {round: "\${vars.round + 1}"}}
    next: [items]
  - id: items
    type: map
    over: [x, y, z]
    variables: {line: "\${item}", got: -1}
    output: {line: "\${vars.line}", got: "\${vars.got}"}
    body:
      - {id: m1, type: task, $(effect 'm1-${vars.line}'), outputs: {line: "\${vars.line}\${nodes.rounds.output}"}, next: [m2]}
      - {id: m2, type: task, agent: steps, action: pure, inputs: {n: "\${index}"}, outputs: {got: "\${result.n}"}}
    next: [inner]
  - {id: inner, type: subworkflow, workflow: ./part.yaml, inputs: {file: "\${input.file}"}, next: [named]}
  - {id: named, type: set, output: {of: "\${nodes.inner.output.part}"}, next: [told]}
  - {id: told, type: emit, event: all.told, payload: "\${nodes.named.output}", next: [asked]}
  - {id: asked, type: wait, approval: {text: "go on?"}, timeout: 1ms, on_error: skip, next: [torn]}
  - {id: torn, type: subworkflow, workflow: ./torn.yaml, inputs: {file: "\${input.file}"}, on_error: skip, next: [stages]}
  - id: stages
    type: pattern
    pattern: pipeline
    config: {stages: [{agent: steps, action: pure, name: one}, {agent: steps, action: pure, name: two}]}
    inputs: {n: 40}
    next: [late]
  - {id: late, type: wait, signal: never, timeout: 1ms, on_error: {goto: again}, next: [done]}
  - {id: again, type: task, agent: steps, action: put, inputs: {file: "\${input.file}", line: again}, next: [done]}
  - {id: done, type: end, output: {torn: "\${nodes.torn.error.code}", stages: "\${nodes.stages.output.output.n}", late: "\${nodes.late.error.code}", items: "\${nodes.items.output}"}}
YAML

# alone FILE: what the run appended, without order and keys: those of branches may change places.
alone() { cut -d' ' -f1 "$1" | sort; }

# check AT: outcome and effects are as they should be.
check() {
    alone effects | cmp -s - want.effects || { alone effects | diff want.effects -; fail "at $1: steps were lost or doubled"; }
    "$TDEV" runs list --name all --status "done" --json | grep -c '"id"' | grep -qx 1 || fail "at $1: the run is not done"
    id=$("$TDEV" runs list --name all -n 1 | cut -d' ' -f1)
    "$TDEV" runs show "$id" --json | sed -n '/"event": "ended"/,/^ *}$/p' | grep -v '"seq"\|"time"' >ended
    [ "$("$TDEV" event list --name all.told -n 0 | wc -l)" = 1 ] || fail "at $1: the event is not there once"
    cmp -s ended want.ended || { diff want.ended ended; fail "at $1: the outcome is another"; }
}

# A process that was killed may hold its lock for a moment.
settle() {
    for _ in $(seq 500); do
        "$TDEV" runs list --json >list.json 2>err || fail "at $1: the store cannot be read any more"
        grep -q '"running"' list.json || break
    done
}

# one AT [torn] [again]: the run is killed there, and goes on.
one() {
    rm -rf state effects effects.fails
    { env LD_PRELOAD="$shim" IO_KILL_AT="$1" ${2:+IO_TORN=1} "$TDEV" run all.yaml -q -i file="$dir/effects" >out 2>err </dev/null; } 2>/dev/null
    rc=$?
    if [ $rc = 137 ]; then
        settle "$1"
        if [ -n "${3:-}" ] && grep -q '"id"' list.json; then
            { env LD_PRELOAD="$shim" IO_KILL_AT=$((1 + RANDOM % 40)) "$TDEV" runs resume >all.out 2>err </dev/null; } 2>/dev/null
            settle "$1"
        fi
        if grep -q '"id"' list.json; then
            "$TDEV" runs resume >all.out 2>err </dev/null; rc=$?
            [ $rc = 0 ] || fail "at $1: the run could not be resumed: exit $rc"
        else
            [ -e effects ] && fail "at $1: steps ran of a run that nobody knows"
            "$TDEV" run all.yaml -q -i file="$dir/effects" >out 2>err </dev/null || fail "at $1: the run could not be begun again"
        fi
    fi
    check "$1"
}

# full AT: the disk is full from there on, and has room again when the run goes on.
full() {
    rm -rf state effects effects.fails
    env LD_PRELOAD="$shim" IO_KILL_AT="$1" IO_FULL="$dir/state" "$TDEV" run all.yaml -q -i file="$dir/effects" >out 2>err </dev/null
    rc=$?
    if [ $rc != 0 ]; then
        [ $rc -lt 5 ] || fail "at $1: a full disk ends the process: exit $rc"
        [ -s err ] || fail "at $1: nothing is said of the full disk"
        settle "$1"
        if grep -q '"id"' list.json; then
            "$TDEV" runs resume >all.out 2>err </dev/null || fail "at $1: the run could not be resumed"
        else
            [ -e effects ] && fail "at $1: steps ran of a run that nobody knows"
            "$TDEV" run all.yaml -q -i file="$dir/effects" >out 2>err </dev/null || fail "at $1: the run could not be begun again"
        fi
    fi
    check "$1"
}

export TDEV_STATE_DIR=$dir/state IO_COUNT_FILE=$dir/count
touch want.ended
env LD_PRELOAD="$shim" "$TDEV" run all.yaml -q -i file="$dir/effects" >out 2>err || fail "the reference run failed"
unset IO_COUNT_FILE
total=$(cat count)
[ "$total" -gt 100 ] || fail "only $total things were done to files: they are not counted"
alone effects >want.effects
id=$("$TDEV" runs list --name all -n 1 | cut -d' ' -f1)
"$TDEV" runs show "$id" --json | sed -n '/"event": "ended"/,/^ *}$/p' | grep -v '"seq"\|"time"' >want.ended
grep -q '"late": "timeout"' want.ended || fail "the reference run ended otherwise: $(cat want.ended)"

tried=0
# While the store's file is made, every place; later ones are much alike.
for at in $(seq 30); do one "$at"; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at"; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at" torn; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at" "" again; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do full "$at"; tried=$((tried + 1)); done
echo "ok - cut off $tried times, at $total places; $(wc -l <want.effects) effects, none lost, none doubled"
