#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/clock: the time of day jumps by a day, forth or back, at each look at it, one after the other, and between the death of a process and the
# resumption of its run. Sleeps, timeouts and back-offs last as long as they say, no wait is lost, events stay in order, ids are of one kind and sort.
#
#   TDEV=the program, CLOCK_EVERY=N only every N-th look (default 7), SEED=which of them first
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
shim=$TEST_BUILDDIR/tests/fault/.libs/clock.so
every=${CLOCK_EVERY:-7} day=86400
RANDOM=${SEED:-$$}
[ -e "$shim" ] || { echo "the library tests/fault/clock is not built"; exit 77; }
if LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    echo "a program with a sanitizer takes no other library before its own"; exit 77
fi
export TDEV_STATE_DIR=$dir/state CLOCK_OFFSET=$dir/offset
shifted() { timeout -k 1 20 env LD_PRELOAD="$shim" "$TDEV" "$@"; }

# The times of the files tell how long something took: their clock does not jump.
mark() { echo "agent: steps, action: append, inputs: {file: \"\${input.dir}/$1\", line: x}"; }
cat >all.yaml <<YAML
id: all
inputs: {type: object, required: [dir]}
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, $(mark a), next: [nap]}
  - {id: nap, type: sleep, duration: 120ms, next: [b]}
  - {id: b, type: task, $(mark b), next: [late]}
  - {id: late, type: wait, signal: never, timeout: 120ms, on_error: skip, next: [c]}
  - {id: c, type: task, $(mark c), next: [again]}
  - {id: again, type: task, agent: steps, action: fail, inputs: {file: "\${input.dir}/tries", times: 1}, retry: {max_attempts: 2, backoff: fixed, initial: 120ms, max: 120ms, jitter: 0.0}, next: [d]}
  - {id: d, type: task, $(mark d), next: [done]}
  - {id: done, type: end, output: {}}
YAML

# took FROM TO LEAST MOST: milliseconds between the writing of two files.  Their clock ticks every 1 to 10 ms.
took() {
    [ -e "work/$1" ] && [ -e "work/$2" ] || fail "$what: the step that writes \"$2\" did not come"
    local ms=$((($(stat -c %.6Y "work/$2" | tr -d .) - $(stat -c %.6Y "work/$1" | tr -d .)) / 1000))
    [ $ms -ge "$3" ] && [ $ms -le "$4" ] || fail "$what: from $1 to $2 it took $ms ms, not $3 to $4"
}
fresh() { rm -rf state work; mkdir work; }

# The order of the events is that of the steps, whatever their times say.
in_order() {
    "$TDEV" runs show "$1" --json | sed -n 's/.*"step": "\([^"]*\)".*/\1/p' | uniq >steps
    cmp -s steps want.steps || { diff want.steps steps; fail "$what: the events are in another order"; }
}

# --- at each look ---
all() {
    fresh
    CLOCK_JUMP=$1 CLOCK_JUMP_AT=$at shifted run all.yaml -q -i dir="$dir/work" >out 2>err </dev/null || fail "$what: exit $?"
    took a b 110 5000; took b c 110 5000; took c d 110 5000
    id=$("$TDEV" runs list | cut -d' ' -f1)
    [[ $id =~ ^[0-9a-f]{8}-[0-9a-f]{4}-7 ]] || fail "$what: $id is no id"
    in_order "$id"
}
what=reference at=0
fresh
CLOCK_COUNT_FILE=$dir/count shifted run all.yaml -q -i dir="$dir/work" >out 2>err || fail "the reference run failed"
total=$(cat count)
[ "$total" -gt 20 ] || fail "only $total looks at the clock: they are not counted"
"$TDEV" runs show "$("$TDEV" runs list | cut -d' ' -f1)" --json | sed -n 's/.*"step": "\([^"]*\)".*/\1/p' | uniq >want.steps
[ -s want.steps ] || fail "the reference run has no steps"
tried=0
for jump in -$day $day; do
    for at in $(seq $((1 + RANDOM % every)) "$every" "$total"); do
        what="jump of $jump s at look $at"
        all "$jump"; tried=$((tried + 1))
    done
done

# --- between death and resumption ---
part() { # NODE: a run that is killed while that node waits
    cat <<YAML
id: part
inputs: {type: object, required: [dir]}
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, $(mark a), next: [node]}
  - {id: node, $1, next: [b]}
  - {id: b, type: task, $(mark b), next: [done]}
  - {id: done, type: end, output: {}}
YAML
}
while IFS='|' read -r name node sign; do
    part "$node" >part.yaml
    for jump in -$day $day; do
        what="$name, resumed $jump s later"
        fresh
        echo 0 >offset
        env LD_PRELOAD="$shim" "$TDEV" run part.yaml -q -i dir="$dir/work" >run.out 2>&1 &
        pid=$!
        until "$TDEV" runs list --json >list 2>err && id=$(sed -n 's/.*"id": "\(.*\)",/\1/p' list) && [ -n "$id" ] && "$TDEV" runs show "$id" --json >show 2>err && grep -q "$sign" show; do
            kill -0 $pid 2>/dev/null || fail "$what: the run ended early: $(cat run.out)"
        done
        { kill -9 $pid; wait $pid; } 2>/dev/null
        echo "$jump" >offset
        until shifted runs list --status orphaned >out 2>err && [ -s out ] && grep -q "$id" out; do :; done
        touch work/resumed
        shifted runs resume "$id" -q >out 2>err </dev/null || fail "$what: exit $?"
        # Never longer than it was to be; a day later it is due.
        if [ "$jump" -gt 0 ]; then took resumed b 0 1400; else took a b 1490 9000; fi
        [ "$(wc -l <work/b)" = 1 ] || fail "$what: the step behind it was not done once"
        tried=$((tried + 1))
    done
done <<'CASES'
sleep|type: sleep, duration: 1500ms|"node"
timeout of a wait|type: wait, signal: never, timeout: 1500ms, on_error: skip|"node"
back-off|type: task, agent: steps, action: fail, inputs: {file: "${input.dir}/tries", times: 1}, retry: {max_attempts: 2, backoff: fixed, initial: 1500ms, max: 1500ms, jitter: 0.0}|"retry"
CASES

# --- ids, and signals, of processes whose clocks differ ---
fresh
cat >quick.yaml <<YAML
id: quick
nodes:
  - {id: begin, type: start, next: [done]}
  - {id: done, type: end, output: 1}
YAML
cat >two.yaml <<YAML
id: two
nodes:
  - {id: begin, type: start, next: [one]}
  - {id: one, type: wait, signal: go, next: [two]}
  - {id: two, type: wait, signal: go, next: [done]}
  - {id: done, type: end, output: "\${nodes.one.output.n}\${nodes.two.output.n}"}
YAML
: >want.ids
what="ids of processes whose clocks jump"
for jump in 0 -$day $day -$day 0 $day; do
    echo "$jump" >offset
    shifted run quick.yaml >out 2>err || fail "$what: exit $?"
    shifted runs list -n 1 | cut -d' ' -f1 >>want.ids
done
[ "$(sort want.ids | uniq | wc -l)" = 6 ] && sort -c want.ids || fail "$what: they do not sort as they were made: $(cat want.ids)"

what="signals of processes whose clocks jump"
echo 0 >offset
mkfifo said
env LD_PRELOAD="$shim" "$TDEV" run two.yaml >two.out 2>said &
pid=$!
while read -r line; do case $line in *"waits: tdev runs signal "*) break ;; esac; done <said
id=${line#*runs signal }; id=${id% go}
trap '' PIPE
shifted runs pause "$id" >out 2>err || fail "$what: exit $?"
{ kill -9 $pid; wait $pid; } 2>/dev/null
until "$TDEV" runs list --json 2>err | grep -q '"orphan": true'; do :; done
shifted runs signal "$id" go -i n=1 >out 2>err; [ $? = 4 ] || fail "$what: a run that is paused took it"
echo -$day >offset
shifted runs signal "$id" go -i n=2 >out 2>err; [ $? = 4 ] || fail "$what: a run that is paused took it"
shifted runs resume "$id" -q >out 2>err || fail "$what: exit $?"
[ "$(cat out)" = '"12"' ] || fail "$what: they were taken in another order: $(cat out)"
echo "ok - the clock jumped $tried times, at $total looks: nothing early, nothing lost, all in order"
