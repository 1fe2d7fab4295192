#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/answer: a run that waits is given a signal, or an answer, and the process that does so, and goes on with the run, is killed at each thing it
# does to a file, one after the other; and the disk is full from there on. It is given again then. Exactly one counts, what was told to count is
# that one, and the step behind it is done once.
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
export TDEV_STATE_DIR=$dir/state

# waiting KEYS: a store with a run that waits, of no process.
waiting() {
    cat >run.yaml <<YAML
id: run
nodes:
  - {id: begin, type: start, next: [w]}
  - {id: w, type: wait, $1, next: [a]}
  - {id: a, type: task, agent: steps, action: put, inputs: {file: "\${input.file}", line: a}, next: [e]}
  - {id: e, type: end, output: "\${nodes.w.output}"}
YAML
    rm -rf state then f
    : >begun
    "$TDEV" run run.yaml -i file="$dir/f" >out 2>begun </dev/null &
    pid=$!
    until grep -q 'w .*\(waits\|asks\):' begun; do kill -0 $pid || fail "$(cat begun)"; done
    kill -9 $pid; wait $pid 2>/dev/null
    run=$("$TDEV" runs list --json | sed -n 's/.*"id": "\(.*\)".*/\1/p')
    cp -r state then
}

# give N: the N-th message; the run says which of them counted.
give_signal() { set -- "$TDEV" runs signal "$run" ok -i n="$1" --quiet; "$@"; }
give_approve() { set -- "$TDEV" runs approve "$run" w -m "$1" --quiet; "$@"; }
counted() { "$TDEV" runs show "$run" --json | tr -d '\n ' | grep -o '"event":"ended","result":{[^}]*}' | sed -n 's/.*"\(n\|comment\)":"*\([12]\).*/\2/p'; }

try() {
    rm -rf state f; cp -r then state
    # shellcheck disable=SC2086
    { (export LD_PRELOAD="$shim" IO_KILL_AT="$at" $how; "give_$what" 1) >out 2>err </dev/null; } 2>/dev/null
    rc=$?
    case $how in
    IO_FULL=*) [ $rc = 0 ] || { [ $rc -lt 5 ] && [ -s err ]; } || fail "$what at $at: a full disk: exit $rc" ;;
    *) [ $rc = 0 ] || [ $rc = 137 ] || fail "$what at $at: exit $rc" ;;
    esac
    want 0 "$TDEV" store verify
    [ $rc = 0 ] || "give_$what" 2 >out 2>err </dev/null || grep -q "has ended\|answered first\|does not ask anything" err || fail "$what at $at: it cannot be given again"
    "$TDEV" runs list --status done | grep -q "$run" || want 0 "$TDEV" runs resume "$run" -q
    want 0 "$TDEV" runs show "$run"; says out "status    done"
    which=$(counted)
    case $rc-$which in 0-1 | 137-[12] | [1-4]-[12]) ;; *) fail "$what at $at: exit $rc, and \"$which\" counted" ;; esac
    [ "$(cut -d' ' -f1 f)" = a ] || fail "$what at $at: the steps were $(tr '\n' ';' <f)"
    kept=$((kept + (which == 1)))
}

tried=0
for what in signal approve; do
    if [ $what = signal ]; then waiting "signal: ok"; else waiting 'approval: {text: "go on?"}'; fi
    kept=0 at=0 how="IO_COUNT_FILE=$dir/count"
    try
    total=$(cat count)
    [ "$total" -gt 15 ] || fail "only $total things were done to files: they are not counted"
    for how in "" IO_TORN=1 "IO_FULL=$dir"; do
        shift_by=$((RANDOM % every))
        for at in $(seq "$total"); do
            [ $(((at + shift_by) % every)) = 0 ] || continue
            try; tried=$((tried + 1))
        done
    done
    echo "# $what: $total places; the first counted $kept times"
done
echo "ok - cut off $tried times, each time exactly one counted"
