#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whoever sits before a run can always find it: its id is told when it fails, when the process is told to end, when it goes on
# elsewhere. What was parked or is in doubt can be cancelled.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
tree=$TDEV_PLUGINS_PATHS
flow() { # FILE NODES: begin -> a -> end
    printf 'id: %s\nnodes:\n  - {id: begin, type: start, next: [a]}\n%s\n  - {id: done, type: end, output: 1}\n' "${1%.yaml}" "$2" >"$1"
}
newest() { "$TDEV" runs list --name "$1" --limit 1 --json | sed -n 's/.*"id": "\([^"]*\)".*/\1/p'; }
is_newest() { id=$(newest "$1"); [ -n "$id" ] && "$TDEV" runs list --name "$1" --status "$2" --limit 1 --json | grep -q "$id"; }
status() { "$TDEV" runs show "$id" --json | grep -o '"status": "[a-z_]*"' | head -1 | cut -d'"' -f4; }

# A run that fails, for people and for scripts.
flow bad.yaml '  - {id: a, type: wait, signal: go, timeout: 1ms, next: [done]}'
want 1 "$TDEV" run bad.yaml -q
id=$(newest bad); says err "run $id failed: tdev runs report $id"
want 1 "$TDEV" run bad.yaml --json
id=$(newest bad); says out "\"run\": \"$id\""; says out '"status": "failed"'; says out '"error": {'; says out "longer than its timeout"
want 3 "$TDEV" run nothing.yaml --json; ! grep -q '"run"' out || fail "a run that never began has an id"

# Ctrl-C: the process ends by the signal, and has said how the run goes on.
flow long.yaml '  - {id: a, type: wait, signal: go, next: [done]}'
mkfifo said
env --default-signal=INT "$TDEV" run long.yaml 2>said >/dev/null &
pid=$!
exec 7<said
read -r line <&7; id=${line#*runs signal }; id=${id% go}
kill -INT $pid; cat <&7 >err; wait $pid; rc=$?
[ $rc = 130 ] || fail "Ctrl-C gives $rc, not 130"
says err "run $id is left where it is: tdev runs resume $id"

# Who signals a run whose process is gone hears that the signal counts, before the run is over.
flow two.yaml '  - {id: a, type: wait, signal: one, next: [b]}
  - {id: b, type: wait, signal: two, next: [done]}'
"$TDEV" run two.yaml -q >/dev/null 2>&1 &
pid=$!
until is_newest two running; do :; done
kill -9 $pid; wait $pid 2>/dev/null
until is_newest two orphaned; do :; done
env --default-signal=INT "$TDEV" runs signal "$id" one 2>said >/dev/null &
pid=$!
exec 7<said
while read -r line <&7; do
    case $line in *"it goes on here"*) break ;; esac
done
[ "${line%;*}" = "run $id took the signal" ] || fail "who signals hears nothing: $line"
kill -INT $pid; cat <&7 >err; wait $pid
says err "tdev runs resume $id"
want 0 "$TDEV" runs signal "$id" two

# One that goes on by itself is named when nobody stays with it; so are some of many.
flow alone.yaml '  - {id: a, type: map, over: "${input.list}", body: [{id: c, type: subworkflow, workflow: long.yaml, async: true}], next: [done]}'
want 0 "$TDEV" run alone.yaml -i list='[1]' --json
id=$(newest long); says err "run $id is left where it is: tdev runs resume $id"
want 0 "$TDEV" run alone.yaml -i list='[1,2,3,4,5,6,7]'
[ "$(grep -c "is left where it is" err)" = 5 ] || fail "not five of seven are named"
says err "and 2 more: tdev runs list"
want 0 "$TDEV" run alone.yaml -i list='[1]' -q; [ ! -s err ] || fail "quiet is not"

# killed FILE: a run of it that does its step a, and is killed there.
killed() {
    "$TDEV" run "$1" -i file="$dir/${1%.yaml}.log" -q >/dev/null 2>&1 &
    pid=$!
    until "$TDEV" runs list --status running --json | grep -q "\"name\": \"${1%.yaml}\""; do :; done
    until [ -e "$dir/${1%.yaml}.log" ]; do :; done
    until is_newest "${1%.yaml}" running && "$TDEV" runs show "$id" --json | grep -q '"nap"'; do :; done
    kill -9 $pid; wait $pid 2>/dev/null
    until is_newest "${1%.yaml}" orphaned; do :; done
}

# Parked, as its agent is gone: it is cancelled all the same, what it did is undone, and nothing else is done.
flow park.yaml '  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: did}, compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: undid}}, next: [nap]}
  - {id: nap, type: task, agent: steps, action: slow, inputs: {ms: 3600000}, next: [b]}
  - {id: b, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: more}, next: [done]}'
for is_back in yes no; do
    rm -f park.log; killed park.yaml
    export TDEV_PLUGINS_PATHS=$dir/none
    rm "$dir"/state/tdev/plugins/*.edition # what was kept of it, with which it would go on
    want 3 "$TDEV" runs resume "$id"; [ "$(status)" = parked ] || fail "a run without its agent is $(status)"
    [ $is_back = no ] || export TDEV_PLUGINS_PATHS=$tree
    want 0 "$TDEV" runs cancel "$id"; says out "run $id is cancelled"
    [ "$(status)" = cancelled ] || fail "a parked run that was cancelled is $(status)"
    export TDEV_PLUGINS_PATHS=$tree
    if [ $is_back = yes ]; then
        [ "$(cut -d' ' -f1 park.log | tr '\n' ' ')" = "did undid " ] || fail "not just undone: $(cat park.log)"
    else
        says err '1 of 1 could not be undone: node "a"'
        [ "$(cut -d' ' -f1 park.log)" = did ] || fail "something was done: $(cat park.log)"
    fi
    want 3 "$TDEV" runs cancel "$id"; says err "has ended: it is cancelled"
done

# In doubt: cancelled, nobody does it again.
flow doubt.yaml '  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: did}, next: [nap]}
  - {id: nap, type: task, agent: steps, action: nest, in_doubt: ask, inputs: {agent: steps, action: slow, input: {ms: 3600000}}, next: [done]}'
killed doubt.yaml
want 1 "$TDEV" runs resume "$id" -q; [ "$(status)" = in_doubt ] || fail "the run is $(status)"
want 0 "$TDEV" runs cancel "$id"; [ "$(status)" = cancelled ] || fail "a run in doubt that was cancelled is $(status)"

# With a tdevd, what is left goes on there.
export TDEV_STATE_DIR=$dir/own
: >daemon.log
"${TDEV}d" 2>daemon.log &
pid=$!
trap 'kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
until grep -q "is ready" daemon.log; do kill -0 $pid || fail "tdevd is gone: $(cat daemon.log)"; done
want 0 "$TDEV" run alone.yaml -i list='[1]'
id=$(newest long); says err "run $id goes on with tdevd"
until [ "$(status)" = running ]; do kill -0 $pid || fail "tdevd is gone: $(cat daemon.log)"; done
want 0 "$TDEV" runs signal "$id" go; says out "took the signal"
kill -TERM $pid; wait $pid || fail "tdevd ends with $?"
echo "ok"
