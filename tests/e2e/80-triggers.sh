#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Events, times and files start workflows while tdevd runs, each of them one run, also when tdevd was away or is killed; what is wrong
# with a workflow is told and changes nothing.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
mkdir -p conf/workflows in
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

# finish: SIGTERM ends it well.
finish() {
    kill -TERM $pid; wait $pid || fail "tdevd exits $? on SIGTERM: $(cat log)"
    pid=
}

# until_true COMMAND...: waits until it holds; the test's own time is the limit.
until_true() { until "$@" >/dev/null 2>&1; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done; }

# outputs NAME: what the finished runs of a workflow gave, sorted.
outputs() {
    "$TDEV" event list --name "$1" -n 0 --json | sed -n 's/.*"v": \(.*\)/\1/p' | sort | tr '\n' ' '
}
gave() { [ "$(outputs "$1")" = "$2 " ]; }

# flow ID TRIGGERS V: emits ID.done with the value V of each run.
flow() {
    cat >"$flows/.$1" <<YAML
id: $1
triggers:
$2
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: emit, event: $1.done, payload: {v: "$3"}, next: [done]}
  - {id: done, type: end}
YAML
    mv "$flows/.$1" "$flows/$1.yaml"
}

# watched ID: waits until tdevd knows its triggers.
is_watched() { "$TDEV" trigger list >list && grep "^$1 " list >rows && ! grep -q "not watched yet" rows; }
watched() { until_true is_watched "$1"; }

# --- events ---
flow buy '  - {event: order.*, when: "event.data.n > 0", inputs: {n: "${event.data.n}"}}' '${input.n}'
begin
want 4 "$tdevd"; says err "another tdevd has this state folder"; says err "locked by process $pid"
want 0 "$TDEV" event emit order.new -i n=1
want 0 "$TDEV" event emit order.new -i n=0
want 0 "$TDEV" event emit other.new -i n=5
want 0 "$TDEV" event emit order.old -i n=2
until_true gave buy.done "1 2"
want 3 "$TDEV" event emit "order new"; says err "is no name of an event"
want 0 "$TDEV" event list --name 'order.**'; [ "$(wc -l <out)" = 3 ] || fail "three events were emitted"

# An event whose condition fails is told, and starts nothing.
want 0 "$TDEV" event emit order.new -i m=1
until_true sh -c "\"$TDEV\" trigger list | grep -q 'refused 1, '"
want 0 "$TDEV" trigger list; says out "no such key \"n\""; says out "started 2"

# What comes while tdevd is away starts when it is back, once.
finish
want 0 "$TDEV" event emit order.new -i n=3
want 0 "$TDEV" trigger list; says err "no tdevd runs"
begin
until_true gave buy.done "1 2 3"
finish; begin
until_true gave buy.done "1 2 3"

# --- a file that is edited is used; one that is wrong changes nothing and is told ---
flow chain '  - {event: buy.done, inputs: {n: "${event.data.v * 10}"}}' '${input.n}'
watched chain
want 0 "$TDEV" event emit order.new -i n=4
until_true gave chain.done "40"
sed -i 's/event: buy.done/evnt: buy.done/' "$flows/chain.yaml"
until_true grep -q "chain.yaml:3:.*evnt" log
want 0 "$TDEV" event emit order.new -i n=5
until_true gave chain.done "40 50"
kill -HUP $pid
until_true grep -q "read the configuration again" log
echo 'log: {levl: info}' >conf/tdevd.yaml; kill -HUP $pid
until_true grep -q "levl" log
echo 'log: {level: info}' >conf/tdevd.yaml
rm "$flows/chain.yaml"

# --- files ---
flow load "  - {file: $dir/in/*.csv, on: [created, changed, removed]}" '${input.change} ${input.name}'
watched load
echo a >in/a.csv; until_true gave load.done '"created a.csv"'
echo b >in/b.txt
echo a >>in/a.csv; until_true gave load.done '"changed a.csv" "created a.csv"'
finish
rm in/a.csv; echo c >in/c.csv; touch -d '1 hour ago' in/c.csv
begin
until_true gave load.done '"changed a.csv" "created a.csv" "created c.csv" "removed a.csv"'
rm "$flows/load.yaml"

# --- times: each second; what was missed is made up for by one start ---
flow tick '  - {cron: "* * * * * *", inputs: {t: "${event.data.time}"}}' '${input.t}'
until_true sh -c "[ \$(\"$TDEV\" event list --name tick.done -n 0 | wc -l) -ge 3 ]"
want 0 "$TDEV" trigger list; says out ", next "
kill -9 $pid; wait $pid 2>/dev/null
begin
until_true sh -c "[ \$(\"$TDEV\" event list --name tick.done -n 0 | wc -l) -ge 6 ]"
finish
[ -z "$(outputs tick.done | tr ' ' '\n' | uniq -d)" ] || fail "a second started two runs: $(outputs tick.done)"
rm "$flows/tick.yaml"

# --- pace: only the last of a burst; and the rest of them wait ---
flow calm '  - {event: calm, debounce: 100ms}' '${input.n}'
flow slow '  - {event: slow, throttle: {max: 2, per: 1s}}' '${input.n}'
begin
watched calm
watched slow
finish
for n in 1 2 3 4; do want 0 "$TDEV" event emit calm -i n=$n; want 0 "$TDEV" event emit slow -i n=$n; done
begin
until_true gave slow.done "1 2 3 4"
until_true gave calm.done "4"
rm "$flows/calm.yaml" "$flows/slow.yaml"

# --- what waits is not counted as started ---
flow hours '  - {event: hours, throttle: {max: 1, per: 1h}}' '${input.n}'
watched hours
for n in 1 2 3; do want 0 "$TDEV" event emit hours -i n=$n; done
until_true gave hours.done "1"
two_wait() { "$TDEV" trigger list >list && grep '^hours ' list >row && grep -q ', 2 wait' row; }
until_true two_wait
says row "started 1,"
rm "$flows/hours.yaml"

# --- by hand ---
flow hand '  - {event: never}
  - {manual: true, inputs: {v: "${event.data.v}"}}' '${input.v}'
want 0 "$TDEV" trigger fire hand -i v=7 -q
gave hand.done 7 || fail "the manual trigger gave $(outputs hand.done)"
want 0 "$TDEV" trigger fire hand 1 -i v=8 -q
want 3 "$TDEV" trigger fire hand 3; says err "has 2 triggers, there is no number 3"
want 2 "$TDEV" trigger fire hand x
finish

# --- events go when there are too many ---
cat >"$flows/many.yaml" <<'YAML'
id: many
nodes:
  - {id: begin, type: start, next: [round]}
  - {id: round, type: loop, times: 130, body: [{id: say, type: emit, event: many, payload: {v: "${index}"}}], next: [done]}
  - {id: done, type: end}
YAML
want 0 "$TDEV" run many -q
[ "$("$TDEV" event list --name many -n 0 | wc -l)" = 130 ] || fail "not each round emitted its event"
TDEV_EVENTS_MAX=100 want 0 "$TDEV" event emit one
[ "$("$TDEV" event list -n 0 | wc -l)" = 100 ] || fail "events are kept beyond events.max"
[ "$("$TDEV" event list --name many -n 0 | wc -l)" = 99 ] || fail "the newest events went first"

# --- what is deployed ---
rm -f "$flows"/*.yaml
flow keep '  - {event: keep.one}' one
sed -i 's/^id: keep/&\nversion: 1.0.0/' "$flows/keep.yaml"
want 0 "$TDEV" workflow deploy keep
begin
watched keep
sed -i 's/1.0.0/1.1.0/; s/keep.one/keep.two/; s/"one"/"two"/' "$flows/keep.yaml"
want 0 "$TDEV" event emit keep.two # of the file, which does not count
want 0 "$TDEV" event emit keep.one
until_true gave keep.done '"one"'
want 0 "$TDEV" workflow deploy keep
want 0 "$TDEV" event emit keep.one # what is not active any more
want 0 "$TDEV" event emit keep.two
until_true gave keep.done '"one" "two"'
finish
# --- a tdevd that a user starts as it is looks where the user's tdev does ---
as_user=(env -u TDEV_CONFIG -u TDEV_STATE_DIR -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_DATA_HOME HOME="$dir/user")
[ "$(id -u)" != 0 ] || as_user+=(setpriv --reuid 65534 --clear-groups)
mkdir -p user/.config/tdev/workflows
flows=$dir/user/.config/tdev/workflows
flow own '  - {event: own.one}' '${1}'
[ "$(id -u)" != 0 ] || { chmod 711 "$dir"; chown -R 65534 user; }
cd user || exit 99
if "${as_user[@]}" "$TDEV" plugin list 2>/dev/null | grep -q sqlite; then
    want 3 "${as_user[@]}" "$TDEV" trigger fire "$flows/own.yaml" 2; says err "there is no number 2"
    cp "$TEST_SRCDIR/conf/workflows/examples/hello.yaml" here.yaml
    want 3 "${as_user[@]}" "$TDEV" trigger fire ./here.yaml; says err "tdev run ./here.yaml starts it"
    : >own.log
    "${as_user[@]}" "${TDEV}d" 2>own.log &
    pid=$!
    until grep -q "is ready" own.log; do kill -0 $pid || fail "tdevd is gone: $(cat own.log)"; done
    says own.log "$flows"; says own.log "$dir/user/.local/state/tdev"
    until ! "${as_user[@]}" "$TDEV" trigger list | grep -q "own 1 .*not watched yet"; do kill -0 $pid || fail "tdevd is gone"; done
    want 0 "${as_user[@]}" "$TDEV" event emit own.one
    until "${as_user[@]}" "$TDEV" event list | grep -q own.done; do kill -0 $pid || fail "tdevd is gone"; done
    finish
else
    echo "what was built cannot be read by another user: a tdevd of one is not tried"
fi
cd "$dir" || exit 99

# --- a run that takes longer than tdevd is up: to be told to end is no fault of it, to crash is ---
use_steps
cat >long.yaml <<'YAML'
id: long
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: steps, action: slow, inputs: {ms: 3600000}, next: [e]}
  - {id: e, type: end}
YAML
"$TDEV" run long.yaml -q >out 2>err & long=$!
is() { "$TDEV" runs list --name long | grep -q " $1 "; }
until is running; do kill -0 $long || fail "the run did not begin: $(cat err)"; done
kill -9 $long; wait $long 2>/dev/null
for i in 1 2 3 4 5; do begin; until_true is running; finish; done
is orphaned || fail "a run that tdevd left behind is not to be taken over: $("$TDEV" runs list --name long)"
for i in 1 2 3; do begin; until_true is running; kill -9 $pid; wait $pid 2>/dev/null; done
begin; until_true is parked; finish
echo "ok - events, files, times and hands start runs, one each"
