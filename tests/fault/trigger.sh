#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/trigger: three events wait for tdevd, which is killed at each thing it does to a file, one after the other, once more in the middle of
# each write, and once more with the tdevd after it killed as well. Then it is left alone: each event has started one run, each run has had
# its effect and emitted its event once, and has told once that it is done: that has started one run of another workflow.
#
#   TDEV=the program, IO_EVERY=N only every N-th (default 9), SEED=which of them first
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
tdevd=${TDEV}d
shim=$TEST_BUILDDIR/tests/fault/.libs/io.so
every=${IO_EVERY:-9}
RANDOM=${SEED:-$$}
[ -e "$shim" ] || { echo "the library tests/fault/io is not built"; exit 77; }
if LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    echo "a program with a sanitizer takes no other library before its own"; exit 77
fi
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
mkdir -p conf/workflows
: >conf/tdevd.yaml
cat >conf/workflows/take.yaml <<YAML
id: take
triggers: [{event: job}]
announce: [completed]
nodes:
  - {id: begin, type: start, next: [work]}
  - {id: work, type: task, agent: steps, action: append, inputs: {file: "$dir/effects", line: "n\${input.n}"}, next: [say]}
  - {id: say, type: emit, event: taken, payload: "\${input}", next: [done]}
  - {id: done, type: end, output: "\${input}"}
YAML
cat >conf/workflows/after.yaml <<YAML
id: after
triggers: [{event: workflow.completed, when: "event.data.workflow == 'take'", inputs: "\${event.data.output}"}]
nodes:
  - {id: begin, type: start, next: [work]}
  - {id: work, type: task, agent: steps, action: append, inputs: {file: "$dir/effects", line: "m\${input.n}"}, next: [done]}
  - {id: done, type: end}
YAML
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT

taken() { "$TDEV" event list --name taken -n 0 --json 2>/dev/null | sed -n 's/.*"n": \(.*\)/\1/p' | sort | tr '\n' ' '; }
all_ended() { [ "$("$TDEV" runs list --name after --json 2>/dev/null | grep -c '"ended"')" -ge 3 ]; }
alive() { kill -0 "$pid" 2>/dev/null; }

# serve [NAME=VALUE...]: tdevd, until the work is done or it is killed.
serve() {
    : >log
    env "$@" "$tdevd" 2>log &
    pid=$!
    until all_ended || ! alive; do :; done
    kill -TERM $pid 2>/dev/null
    { wait $pid; } 2>/dev/null
    pid=
}

# What there is before: tdevd knows the trigger, and three events have come since.
: >log
"$tdevd" 2>log &
pid=$!
until grep -q "is ready" log; do alive || fail "tdevd is gone: $(cat log)"; done
kill -TERM $pid; wait $pid; pid=
for n in 1 2 3; do want 0 "$TDEV" event emit job -i n=$n; done
cp -r state before

# Effects that happened whole, by their keys: one that was cut off in the middle of its own write is made again, behind what is left of it.
effects() { grep -o '[mn][0-9] [0-9a-f-]\{36\}/work/1' effects | cut -d' ' -f1 | sort | tr '\n' ' '; }

# check AT: each of them happened once.
check() {
    [ "$(effects)" = "m1 m2 m3 n1 n2 n3 " ] || fail "at $1: effects $(effects) (seed ${SEED:-$$})"
    [ "$(taken)" = "1 2 3 " ] || fail "at $1: emitted $(taken)"
    [ "$("$TDEV" event list --name workflow.completed -n 0 | wc -l)" = 3 ] || fail "at $1: told $("$TDEV" event list --name workflow.completed)"
    for name in take after; do
        [ "$("$TDEV" runs list --name $name --json | grep -c '"id"')" = 3 ] || fail "at $1: there are not three runs of $name: $("$TDEV" runs list)"
    done
}

# one AT [torn] [again]: killed there.
one() {
    rm -rf state effects; cp -r before state
    serve LD_PRELOAD="$shim" IO_KILL_AT="$1" ${2:+IO_TORN=1}
    [ -z "${3:-}" ] || serve LD_PRELOAD="$shim" IO_KILL_AT=$((1 + RANDOM % 60))
    serve LD_PRELOAD=
    check "$1"
}

rm -rf effects
serve LD_PRELOAD="$shim" IO_COUNT_FILE="$dir/count"
check none
total=$(cat count)
[ "$total" -gt 20 ] || fail "only $total things were done to files: they are not counted"
tried=0
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at"; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at" torn; tried=$((tried + 1)); done
for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at" "" again; tried=$((tried + 1)); done
echo "ok - cut off $tried times, at $total places: each event, and each end, started one run"
