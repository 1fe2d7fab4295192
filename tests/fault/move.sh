#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/move: a run goes over to another version of its workflow, and the process is killed at each thing it does to a file, one after the
# other; and the disk is full from there on. The run then follows the old version or the new, whole, and ends well either way: no step is lost,
# none is done twice.
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

cat >old.yaml <<'YAML'
id: run
version: 1.0.0
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: steps, action: put, inputs: {file: "${input.file}", line: a}, next: [w]}
  - {id: w, type: wait, signal: ok, next: [last]}
  - {id: last, type: task, agent: steps, action: put, inputs: {file: "${input.file}", line: last}, next: [e]}
  - {id: e, type: end, output: old}
YAML
cat >new.yaml <<'YAML'
id: run
version: 2.0.0
nodes:
  - {id: begin, type: start, next: [b, c]}
  - {id: b, type: task, agent: steps, action: put, inputs: {file: "${input.file}", line: a}, next: [last]}
  - {id: c, type: task, agent: steps, action: put, inputs: {file: "${input.file}", line: c}, next: [last]}
  - {id: last, type: task, agent: steps, action: put, inputs: {file: "${input.file}", line: last}, next: [e]}
  - {id: e, type: end, output: new}
YAML

# A store with a run that waits, of no process.
"$TDEV" run old.yaml -i file="$dir/f" >out 2>begun </dev/null &
pid=$!
until grep -q waits begun; do kill -0 $pid || fail "$(cat begun)"; done
kill -9 $pid; wait $pid 2>/dev/null
run=$("$TDEV" runs list --json | sed -n 's/.*"id": "\(.*\)".*/\1/p')
cp -r state then; cp f then.f

# It goes over, and on to its end, with the fault at $at; $how is IO_TORN=1, IO_FULL=folder or empty.
go_over() {
    rm -rf state f; cp -r then state; cp then.f f
    # shellcheck disable=SC2086
    { env LD_PRELOAD="$shim" IO_KILL_AT="$at" $how "$TDEV" runs move "$run" --to new.yaml --map a=b --quiet >out 2>err </dev/null; } 2>/dev/null
    rc=$?
    case $how in
    IO_FULL=*) [ $rc = 0 ] || { [ $rc = 1 ] && [ -s err ]; } || fail "at $at: a full disk: exit $rc" ;;
    *) [ $rc = 0 ] || [ $rc = 137 ] || fail "at $at: exit $rc" ;;
    esac
}

# Whatever it follows now, it can go on.
go_on() {
    want 0 "$TDEV" store verify
    "$TDEV" runs show "$run" >shown 2>err || fail "at $at: the run cannot be shown"
    if grep -q "version   1.0.0" shown; then
        [ $rc != 0 ] || fail "at $at: it was told that the run has gone over, and it has not"
        old=$((old + 1))
        want 0 "$TDEV" runs move "$run" --to new.yaml --map a=b --quiet
    elif ! grep -q "status    done" shown; then
        grep -q "version   2.0.0" shown || fail "at $at: the run follows neither version"
        between=$((between + 1))
        want 0 "$TDEV" runs resume "$run" -q
    fi
    want 0 "$TDEV" runs show "$run"; says out "status    done"; says out "version   2.0.0"
    [ "$(cut -d' ' -f1 f | tr '\n' ' ')" = "a c last " ] || fail "at $at: the steps were $(tr '\n' ';' <f)"
}

tried=0 old=0 between=0 at=0 how="IO_COUNT_FILE=$dir/count"
go_over; go_on
total=$(cat count)
[ "$total" -gt 15 ] || fail "only $total things were done to files: they are not counted"
for how in "" IO_TORN=1 "IO_FULL=$dir"; do
    shift_by=$((RANDOM % every))
    for at in $(seq "$total"); do
        [ $(((at + shift_by) % every)) = 0 ] || continue
        go_over; go_on; tried=$((tried + 1))
    done
done
echo "ok - cut off $tried times in $total places: $old had not gone over, $between had and were not at their end"
