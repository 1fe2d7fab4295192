#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Agents of a daemon are looked at, paused, stopped and started, and set otherwise, from another process; what is set is checked before it
# holds, outlasts the daemon, and can be taken back.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
built=$TEST_BUILDDIR/tests/plugins/moody/.libs/moody.so
if [ ! -e "$built" ]; then echo "the test plugin moody is not built"; exit 77; fi
mkdir -p conf/workflows conf/agents plugins/moody
cp "$TEST_SRCDIR/tests/plugins/moody/plugin.yaml" plugins/moody/
cp "$built" plugins/moody/moody.so
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml
cat >conf/agents/calm.yaml <<YAML
plugin: moody
options: {file: $dir/words}
pool: {min: 2, max: 3}
stop: {graceful: 0s}
YAML
cat >conf/workflows/ask.yaml <<'YAML'
id: ask
triggers: [{event: ask, inputs: {ms: "${event.data.ms}"}}]
nodes:
  - {id: begin, type: start, next: [count]}
  - {id: count, type: task, agent: calm, action: count, inputs: {ms: "${input.ms}"}, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {limit: "${nodes.count.output.limit}"}, next: [done]}
  - {id: done, type: end}
YAML

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
is_watched() { "$TDEV" trigger list >list && grep '^ask ' list >rows && ! grep -q 'not watched yet' rows; }
state() { "$TDEV" agent status calm --json | sed -n 's/^    "state": "\(.*\)",/\1/p'; }
told() { "$TDEV" event list --name told -n 0 --json | grep -c '"name": "told"'; }
has_told() { [ "$(told)" = "$1" ]; }
limit() { "$TDEV" event list --name told -n 1 --json | sed -n 's/.*"limit": "\{0,1\}\([0-9]*\)"\{0,1\}.*/\1/p'; }
running() { [ "$("$TDEV" agent status calm --json | sed -n 's/^    "running": \([0-9]*\),*/\1/p')" = "$1" ]; }
waiting() { [ "$("$TDEV" agent status calm --json | sed -n 's/^    "waiting": \([0-9]*\),*/\1/p')" = "$1" ]; }

# --- nobody there ---
want 4 "$TDEV" agent status; says err 'no tdevd is at work on this state folder'
want 4 "$TDEV" agent stop calm
begin
until_true is_watched

# --- started before it is called, paused, resumed ---
want 0 "$TDEV" agent status calm; says out 'created'
want 3 "$TDEV" agent status nobody; says err 'agent "nobody" is not there'
want 0 "$TDEV" agent start calm; says out 'calm is started'
[ "$(grep -o init words | wc -l)" = 2 ] || fail "a pool of two is made before it is called: $(cat words)"
want 0 "$TDEV" agent pause calm; says out 'calm is paused'
want 0 "$TDEV" event emit ask -i ms=0
until_true waiting 1
[ "$(told)" = 0 ] || fail 'a paused agent takes no call'
want 0 "$TDEV" agent resume calm
until_true has_told 1
[ "$(limit)" = 10 ] || fail "the agent told $(limit)"

# --- set otherwise ---
want 3 "$TDEV" agent set calm options.limit=100; says err 'option "limit": 100 is not in 1 to 99'
want 3 "$TDEV" agent set calm options.limt=5; says err 'did you mean "limit"'
want 3 "$TDEV" agent set calm pluginn=x; says err 'cannot be set'
want 0 "$TDEV" agent history calm; [ ! -s out ] || fail "what was refused is not kept"
want 0 "$TDEV" agent set calm options.limit=42 options.secret=hush pool.min=1 --source 'the test'; says out 'options.limit: nothing -> 42'
takes() { "$TDEV" event emit ask -i ms=0 && n=$((n + 1)) && until_true has_told $n && [ "$(limit)" = "$1" ]; }
n=1; until_true takes 42
want 0 "$TDEV" agent set calm options.limit=43
want 0 "$TDEV" agent history calm; says out 'the test'; says out 'options.limit: 42 -> 43'
want 0 "$TDEV" event list --name 'agent.config.*'; says out '"path":"options.limit","old":42,"new":43'
want 0 "$TDEV" agent history calm --json; cat out >>all
want 0 "$TDEV" event list -n 0 --json; cat out log >>all
! grep -q hush all || fail 'a secret is told'
grep -q 'limit' conf/agents/calm.yaml && fail "the user's file is written"

# --- it outlasts the daemon, and can be taken back ---
finish
says log 'ends; runs'
begin
until_true is_watched
n=$(told); until_true takes 43
want 0 "$TDEV" agent rollback calm; until_true takes 42
want 0 "$TDEV" agent rollback calm 0; says out 'options.limit: 42 -> nothing'; until_true takes 10
want 3 "$TDEV" agent rollback calm 99; says err 'that change is not kept'

# --- stopped while it works ---
want 0 "$TDEV" event emit ask -i ms=3600000
until_true running 1
[ "$(state)" = executing ] || fail "it is $(state) while it works"
want 0 "$TDEV" agent stop calm; says out 'calm is stopped, by force'
want 0 "$TDEV" agent status calm; says out 'executing: 1 call runs'; says out 'stopped: forced'
want 1 "$TDEV" agent resume calm; says err 'agent "calm" is stopped, and cannot be resuming now'
want 0 "$TDEV" agent start calm
n=$(told); until_true takes 10
want 0 "$TDEV" agent restart calm; says out 'calm is started'
want 0 "$TDEV" event list --name 'agent.lifecycle.*' -n 0; says out 'agent.lifecycle.stopped'
finish
