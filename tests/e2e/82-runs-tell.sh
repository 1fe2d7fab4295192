#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a run tells of itself starts others, once, also when tdevd was away; workflows that start each other in a circle come to an end; and
# events of the past are given to triggers again.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
mkdir -p conf/workflows
flows=$dir/conf/workflows
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml

# begin: starts tdevd and returns when it is ready.
begin() {
    rm -f said; mkfifo said
    "$tdevd" 2>said &
    pid=$!
    exec 7<said
    while read -r line <&7; do
        echo "$line" >>log
        case $line in *"is ready"*) cat <&7 >>log & return ;; esac
    done
    fail "tdevd did not get ready: $(cat log)"
}
finish() { kill -TERM $pid; wait $pid || fail "tdevd exits $?: $(cat log)"; pid=; }
until_true() { until "$@" >/dev/null 2>&1; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done; }

# started WORKFLOW: how many runs its triggers have started.
started() { "$TDEV" trigger list | sed -n "s/^$1 .*started \([0-9]*\).*/\1/p"; }
has_started() { [ "$(started "$1")" = "$2" ]; }
# is_watched WORKFLOW: does tdevd know its triggers?
is_watched() { "$TDEV" trigger list >list && grep "^$1 " list >rows && ! grep -q 'not watched yet' rows; }
# heard: what alerts gave, sorted.
heard() { "$TDEV" event list --name alert -n 0 --json | sed -n 's/.*"n": \(.*\)/\1/p' | sort | tr '\n' ' '; }
has_heard() { [ "$(heard)" = "$1 " ]; }
# told NAME: how many such events there are.
told() { "$TDEV" event list --name "$1" -n 0 | wc -l; }

# flow ID HEAD: a workflow whose input tells whether it fails.
flow() {
    cat >"$flows/$1.yaml" <<YAML
id: $1
$2
nodes:
  - {id: begin, type: start, next: [check]}
  - {id: check, type: decision, next: [{to: bad, when: input.bad}, {to: done, otherwise: true}]}
  - {id: bad, type: set, output: "\${[1][input.n + 1]}", next: [done]}
  - {id: done, type: end, output: {n: "\${input.n}"}}
YAML
}
flow order 'announce: [completed, failed]'
flow other 'announce: all'
flow quiet 'announce: []'
flow plain ''
cat >"$flows/alert.yaml" <<'YAML'
id: alert
triggers:
  - id: broken
    event: workflow.failed
    when: event.data.workflow == 'order' && event.data.error.code == 'invalid'
    inputs: {n: "${event.data.tags[0]}", run: "${event.data.run}", again: "${has(event.replay_of)}"}
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: emit, event: alert, payload: {run: "${input.run}", again: "${input.again}", n: "${input.n}"}, next: [done]}
  - {id: done, type: end}
YAML

# --- a failure starts another workflow, when its condition holds ---
begin
want 0 "$TDEV" run order -i n=0 -i bad=false --tag n0 -q
want 3 "$TDEV" run other -i n=1 -i bad=true --tag n1 -q
want 3 "$TDEV" run quiet -i n=2 -i bad=true --tag n2 -q
want 3 "$TDEV" run plain -i n=3 -i bad=true --tag n3 -q
want 3 "$TDEV" run order -i n=4 -i bad=true --tag n4 -q
until_true has_heard '"n4"'
has_started alert 1 || fail "alert was started $(started alert) times"
[ "$(told 'workflow.*')" = 4 ] || fail "order told two things and other two: $("$TDEV" event list)"
want 0 "$TDEV" event list --name workflow.failed -n 1 --json
says out '"workflow": "order"'; says out '"status": "failed"'; says out '"code": "invalid"'; says out '"n4"'
want 0 "$TDEV" event list --name workflow.completed --json; says out '"n": 0'

# What is told while tdevd is away, or is killed, starts its run once.
kill -9 $pid; wait $pid 2>/dev/null
want 3 "$TDEV" run order -i n=5 -i bad=true --tag n5 -q
begin
until_true has_heard '"n4" "n5"'
want 3 "$TDEV" run order -i n=6 -i bad=true --tag n6 -q
kill -9 $pid; wait $pid 2>/dev/null
begin
until_true has_heard '"n4" "n5" "n6"'
has_started alert 3 || fail "alert was started $(started alert) times"

# --- the setting speaks for workflows that say nothing themselves ---
export TDEV_EVENTS_ANNOUNCE=failed
want 3 "$TDEV" run plain -i n=7 -i bad=true --tag n7 -q
want 0 "$TDEV" run plain -i n=7 -i bad=false --tag n7 -q
want 3 "$TDEV" run quiet -i n=7 -i bad=true --tag n7 -q
unset TDEV_EVENTS_ANNOUNCE
[ "$(told workflow.failed)" = 5 ] || fail "the setting counts for one run: $("$TDEV" event list --name workflow.failed)"

# --- people are asked: that is told, too ---
cat >"$flows/ask.yaml" <<'YAML'
id: ask
announce: [waiting, cancelled]
nodes:
  - {id: begin, type: start, next: [may]}
  - {id: may, type: wait, approval: {text: "may I?", by: [kim]}, timeout: 10ms, on_error: skip, next: [done]}
  - {id: done, type: end}
YAML
want 0 "$TDEV" run ask -q
want 0 "$TDEV" event list --name 'workflow.waiting' --json; says out '"step": "may"'; says out '"text": "may I?"'

# --- a run that goes over to a version which announces tells what comes from then on ---
hold() {
    cat <<YAML
id: hold
version: $1
$2
nodes:
  - {id: begin, type: start, next: [may]}
  - {id: may, type: wait, approval: {text: "may $1?"}, next: [done]}
  - {id: done, type: end}
YAML
}
hold 1.0.0 'triggers: [{event: hold}]' >"$flows/hold.yaml"
hold 2.0.0 'announce: all' >hold2.yaml
until_true is_watched hold
want 0 "$TDEV" event emit hold
asks() { "$TDEV" runs waiting >waits && grep -q "$1" waits; }
until_true asks 'may 1.0.0?'
[ "$(told workflow.waiting)" = 1 ] || fail "the first version announces nothing"
run=$("$TDEV" runs list --name hold --json | sed -n 's/.*"id": "\(.*\)",/\1/p')
want 0 "$TDEV" runs move "$run" --to ./hold2.yaml
until_true asks 'may 2.0.0?'
want 0 "$TDEV" runs approve "$run" -q
is_told() { [ "$("$TDEV" event list --name "$1" -n 0 --json | grep -c '"workflow": "hold"')" = 1 ]; }
until_true is_told workflow.completed
is_told workflow.waiting || fail "the new question is told once: $("$TDEV" event list --name workflow.waiting)"
[ "$(told workflow.started)" = 1 ] || fail "only other has told that it started"

# --- a circle ends ---
cat >"$flows/round.yaml" <<'YAML'
id: round
announce: [completed]
triggers: [{event: workflow.completed, when: event.data.workflow == 'round'}]
nodes: [{id: begin, type: start, next: [done]}, {id: done, type: end}]
YAML
cat >"$flows/ping.yaml" <<'YAML'
id: ping
triggers: [{event: ping}]
nodes: [{id: begin, type: start, next: [say]}, {id: say, type: emit, event: ping, next: [done]}, {id: done, type: end}]
YAML
until_true is_watched round
until_true is_watched ping
want 0 "$TDEV" run round -q
want 0 "$TDEV" event emit ping
until_true sh -c "[ \$(\"$TDEV\" trigger list | grep -c 'refused 1, .*32 starts by triggers') = 2 ]"
has_started round 32 || fail "the circle went round $(started round) times"
has_started ping 32 || fail "the circle of emits went round $(started ping) times"
rm "$flows/round.yaml" "$flows/ping.yaml"

# --- the past, once more ---
want 0 "$TDEV" event replay --since 1h --name workflow.failed --dry-run; [ "$(wc -l <out)" = 5 ] || fail "five failures were told"
has_started alert 3 || fail "a dry run started something"
want 0 "$TDEV" event replay --since 1h --name workflow.failed --to alert/broken --as first; says out "5 events were given once more"
until_true has_heard '"n4" "n4" "n5" "n5" "n6" "n6"'
want 0 "$TDEV" event list --name alert --json; says out '"again": true'
want 0 "$TDEV" event list --name workflow.failed -n 1 --json; says out '"replay_of"'; says out '"to": "alert/broken"'
id=$(sed -n 's/.*"replay_of": "\(.*\)".*/\1/p' out)
want 0 "$TDEV" event show "$id"; says out "\"id\": \"$id\""; says out '"workflow.failed"'
# Of the same name each is given once, whoever cut it off; of another again, but never what is a replay itself.
want 0 "$TDEV" event replay --since 1h --name workflow.failed --to alert/broken --as first
want 0 "$TDEV" event replay --since 1h --name workflow.failed --to alert/1 --as second --json
[ "$(grep -c '"replay_of"' out)" = 5 ] || fail "five events are replayed: $(cat out)"
until_true has_heard '"n4" "n4" "n4" "n5" "n5" "n5" "n6" "n6" "n6"'
has_started alert 9 || fail "alert was started $(started alert) times"

# Who was not there then hears it now, and what is for one is not for others.
cat >"$flows/late.yaml" <<'YAML'
id: late
triggers: [{event: workflow.completed, inputs: {n: "${event.data.output.n}", time: "${event.time}", ended: "${event.data.ended}"}}]
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: emit, event: late, payload: {same: "${input.time == input.ended}", n: "${input.n}"}, next: [done]}
  - {id: done, type: end}
YAML
until_true is_watched late
want 0 "$TDEV" event replay --since 1h --name 'workflow.**' --to late --speed 1000000
until_true sh -c "\"$TDEV\" event list --name late --json | grep -q '\"same\": true'"
has_started alert 9 || fail "alert heard what was for late"
want 3 "$TDEV" event replay --since 1h --limit 2; says err "more than 2 events"
want 3 "$TDEV" event replay --since 1h --to alert/brokn; says err 'did you mean "broken"'
want 3 "$TDEV" event replay --since 1h --to order; says err 'no trigger of workflow "order" hears events'
want 3 "$TDEV" event replay --since 1h --to nobody; says err nobody
want 2 "$TDEV" event replay; says err "--since"
want 2 "$TDEV" event replay --since 1h --speed 0; says err "--speed"
want 3 "$TDEV" event show 0000000; says err 'there is no event "0000000"'
finish
echo "ok - runs tell, circles end, the past comes again"
