#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# golden/make: a store as this build writes it, with a run that has not ended for each kind of node, as SQL; and what each must come to.
#
#   tests/golden/make.sh NAME: writes tests/golden/NAME.sql and NAME.want, from ./build or the build folder BUILD, with its test plugins (make
#   check builds them) and the sqlite3 program. HACKING.md says when.
set -u
name=${1:?the name of the release}
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${BUILD:-$here/../../build}" && pwd) || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export HOME=$dir XDG_CONFIG_HOME=$dir XDG_STATE_HOME=$dir TDEV_STATE_DIR=$dir/state TDEV_LIMITS_SNAPSHOT_BYTES=1024
export TDEV_PLUGINS_PATHS=$build/tests/plugins-tree TDEV_PLUGINS_INLINE=$build/tests/plugins-tree
tdev=$build/tdev
cd "$dir" || exit 1
fail() { echo "$*" >&2; cat err >&2 2>/dev/null; exit 1; }

note() { echo "{id: note, type: task, agent: steps, action: append, inputs: {file: effects, line: \"\${input.name}\"}, next: [done]}"; }
# flow ID OUTPUT NODES...: a workflow of these nodes, of which "first" is the first, and which go on to "note".
flow() {
    local id=$1 output=$2
    shift 2
    echo "id: $id"
    echo "version: 1.0.0"
    echo "variables: {n: 0}"
    echo "nodes:"
    echo "  - {id: begin, type: start, next: [first]}"
    printf '  - %s\n' "$@" "$(note)" "{id: done, type: end, output: \"$output\"}"
}
go="type: wait, signal: go"
call="type: task, agent: steps"
flow wait '${nodes.first.output.by}' "{id: first, $go, next: [note]}" >wait.yaml
flow approval '${nodes.first.output.approved}' '{id: first, type: wait, approval: {text: "Go on?"}, next: [note]}' >approval.yaml
flow sleep slept '{id: first, type: sleep, duration: 20s, next: [note]}' >sleep.yaml
flow retry '${nodes.first.output.attempts}' "{id: first, $call, action: fail, inputs: {file: tries, times: 1}, retry: {max_attempts: 3, backoff: fixed, initial: 20s, max: 20s, jitter: 0.0}, next: [note]}" >retry.yaml
flow decision '${vars.n}' "{id: first, type: decision, next: [{to: yes, when: 'input.name == \"decision\"'}, {to: no, otherwise: true}]}" \
    "{id: yes, $go, outputs: {n: '\${1}'}, next: [note]}" "{id: no, $go, next: [note]}" >decision.yaml
flow parallel '${nodes.one.output.by}${nodes.two.output.by}' "{id: first, type: parallel, next: [one, two]}" \
    "{id: one, $go, next: [join]}" "{id: two, $go, next: [join]}" "{id: join, $call, action: pure, inputs: {n: 1}, next: [note]}" >parallel.yaml
flow loop '${vars.n}' "{id: first, type: loop, times: 3, body: [{id: w, $go}], output: '\${index}', outputs: {n: '\${result}'}, next: [note]}" >loop.yaml
flow map '${nodes.first.output}' "{id: first, type: map, over: [x, y, z], body: [{id: w, $go}], output: '\${item}', next: [note]}" >map.yaml
flow child inner "{id: first, $go, next: [note]}" >child.yaml
flow subworkflow '${nodes.first.output}' "{id: first, type: subworkflow, workflow: ./child.yaml, inputs: {name: child}, next: [note]}" >subworkflow.yaml
flow pattern '${nodes.first.output.output.ms}' "{id: first, type: pattern, pattern: pipeline, config: {stages: [{agent: steps, action: slow, name: nap}]}, inputs: {ms: 1000}, next: [note]}" >pattern.yaml
flow snapshot '${vars.n}' "{id: first, type: loop, times: 60, body: [{id: add, $call, action: pure, inputs: {n: '\${index}'}}], outputs: {n: '\${result.n}'}, next: [w]}" "{id: w, $go, next: [note]}" >snapshot.yaml
flow undo none "{id: first, $call, action: pure, inputs: {n: 1}, compensate: {agent: steps, action: slow, inputs: {ms: 1000}}, next: [bad]}" \
    "{id: bad, $call, action: fail, inputs: {file: none/x, times: 0}, retry: {max_attempts: 1}, next: [note]}" >undo.yaml
flow doubt '${nodes.first.output.ms}' "{id: first, $call, action: nest, in_doubt: ask, inputs: {agent: steps, action: slow, input: {ms: 60000}}, next: [note]}" >doubt.yaml
cp wait.yaml paused.yaml; sed -i 's/id: wait/id: paused/' paused.yaml

# start NAME WORDS: starts a run in the background, and returns when the journal has these words; its id is $id.
start() {
    "$tdev" run "$1.yaml" -q -i name="$1" >"$1.out" 2>&1 &
    pids+=($!)
    until "$tdev" runs list --name "$1" --json >list 2>err && id=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' list | head -1) && [ -n "$id" ] &&
        "$tdev" runs show "$id" --json >show 2>err && grep -q "$2" show; do
        kill -0 $! 2>/dev/null || fail "$1 ended early: $(cat "$1.out")"
    done
}
# expect NAME EXIT OUTPUT COMMAND...: what the run must come to, in order; output -: any.
expect() {
    local line=$id\|$1\|$2\|$3
    shift 3
    echo "$line|$*" >>want
}
signal() { "$tdev" runs signal "$id" go "$@" >out 2>err || fail "no signal for $id"; }

pids=()
waits='"waits"'
start wait "$waits"; expect wait 0 '"Kim"' signal go -i by=Kim
start approval "$waits"; expect approval 0 true approve
start sleep '"first"'; expect sleep 0 '"slept"' resume
start retry '"retry"'; expect retry 0 2 resume
start decision "$waits"; expect decision 0 1 signal go
start parallel "$waits"; signal -i by=A; expect parallel 0 '"AB"' signal go -i by=B
start loop "$waits"; signal; signal; expect loop 0 2 signal go
start map "$waits"; signal; signal; expect map 0 '["x","y","z"]' signal go
start subworkflow '"first"'
parent=$id
until "$tdev" runs list --name child --json >list 2>err && grep -q "$waits" list; do :; done
id=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' list | head -1)
expect child 0 '"inner"' signal go
id=$parent; expect subworkflow 0 '"inner"' resume
start snapshot "$waits"; expect snapshot 0 60 signal go
start doubt '"first"'; expect doubt 1 - resume; expect doubt 0 5 resume --done '{"ms":5}'
start paused "$waits"; "$tdev" runs pause "$id" >out 2>err || fail "not paused"
expect paused 4 - signal go -i by=Lee; expect paused 0 '"Lee"' resume
# These end by themselves in a moment.
start undo '"bad"'; expect undo 1 - resume
start pattern '"first"'; expect pattern 0 1000 resume
until "$tdev" runs list --name pipeline --json 2>err | grep -q '"id"'; do :; done
kill -9 "${pids[@]}"
wait "${pids[@]}" 2>/dev/null

# The first to open it after them brings all into the file.
"$tdev" store verify >out 2>err || fail "the store is not in order"
"$tdev" runs list -n 1000 >out 2>err # with the run of the pattern itself
[ "$(grep -c "orphaned\|paused" out)" = $(($(cut -d'|' -f1 want | sort -u | wc -l) + 1)) ] || { cat out; fail "some runs have ended"; }
[ "$(sqlite3 state/store.db "SELECT count(*) FROM log WHERE type = 3")" -gt 0 ] || fail "no run has a snapshot"
{
    echo "-- A store as tdev $("$tdev" version | cut -d' ' -f2) wrote it, with runs that have not ended. Never changed: tests/golden/make.sh makes others."
    sqlite3 state/store.db .dump
    sqlite3 state/store.db "SELECT 'PRAGMA application_id = ' || (SELECT * FROM pragma_application_id) || ';'; SELECT 'PRAGMA user_version = ' || (SELECT * FROM pragma_user_version) || ';'"
} >"$here/$name.sql"
cp want "$here/$name.want"
echo "$here/$name.sql: $(wc -c <"$here/$name.sql") bytes, $(wc -l <want) lines to come to"
