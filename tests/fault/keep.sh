#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/keep: taking runs away is killed at each thing it does to a file, one after the other, and in the middle of each write; once more the disk
# is full from there on. A run that is still listed is whole; the next pass takes the rest, and leaves no definition.
#
#   TDEV=the program, IO_EVERY=N only every N-th (default 5), SEED=which of them first
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
shim=$TEST_BUILDDIR/tests/fault/.libs/io.so
every=${IO_EVERY:-5}
RANDOM=${SEED:-$$}
[ -e "$shim" ] || { echo "the library tests/fault/io is not built"; exit 77; }
if LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    echo "a program with a sanitizer takes no other library before its own"; exit 77
fi
cat >one.yaml <<'YAML'
id: one
inputs: {type: object, required: [n]}
nodes:
  - {id: begin, type: start, next: [work]}
  - {id: work, type: task, agent: steps, action: pure, inputs: {n: "${input.n}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.work.output.n}"}
YAML
sed 's/id: one/id: two/' one.yaml >two.yaml
export TDEV_STATE_DIR=$dir/state TDEV_RUNS_KEEP_DONE=0s
for n in 1 2 3; do want 0 "$TDEV" run one.yaml -q -i n=$n; want 0 "$TDEV" run two.yaml -q -i n=$n; done
cp -r state full

# whole AT: each run that is listed has all of its events and its definition.
whole() {
    "$TDEV" runs list >list 2>err || fail "at $1: the store cannot be read any more"
    grep -q "no runs" list && return
    while read -r id rest; do
        "$TDEV" runs export "$id" -o run.json >out 2>err </dev/null || fail "at $1: run $id is listed and cannot be exported ($rest)"
        grep -q '"e"' run.json || fail "at $1: run $id has lost its end"
    done <list
}

# one AT [torn|full]
one() {
    rm -rf state; cp -r full state
    case ${2:-} in
    full) env LD_PRELOAD="$shim" IO_KILL_AT="$1" IO_FULL="$dir/state" "$TDEV" runs prune >out 2>err </dev/null ;;
    *) { env LD_PRELOAD="$shim" IO_KILL_AT="$1" ${2:+IO_TORN=1} "$TDEV" runs prune >out 2>err </dev/null; } 2>/dev/null ;;
    esac
    whole "$1"
    want 0 "$TDEV" runs prune
    want 0 "$TDEV" runs list; says out "no runs"
    want 0 "$TDEV" runs prune --json; says out '"runs": 0'; says out '"definitions": 0'
    want 0 "$TDEV" store verify
}

env LD_PRELOAD="$shim" IO_COUNT_FILE="$dir/count" "$TDEV" runs prune >out 2>err || fail "nothing could be taken away"
says out "6 runs were"; says out "2 definitions"
total=$(cat count)
[ "$total" -gt 20 ] || fail "only $total things were done to files: they are not counted"
tried=0
for kind in "" torn full; do
    for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do one "$at" "$kind"; tried=$((tried + 1)); done
done
echo "ok - cut off $tried times, at $total places"
