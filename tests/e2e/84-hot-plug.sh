#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin's folder is exchanged under a daemon that works: what begins then has the new build, runs under way stay with theirs, also
# through a crash; a bad one leaves the old one serving and is told; an agent's file is followed.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
built=$TEST_BUILDDIR/tests/plugins/turn/.libs
if [ ! -e "$built/turn1.so" ]; then echo "the test plugin turn is not built"; exit 77; fi
mkdir -p conf/workflows conf/agents plugins
export TDEV_PLUGINS_PATHS=$dir/plugins
[ -n "${TURN_ISOLATED:-}" ] || export TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml

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

# folder VERSION: a whole plugin folder of that build.
folder() {
    rm -rf new; mkdir new
    sed "s/^version: .*/version: $1.0.0/" "$TEST_SRCDIR/tests/plugins/turn/plugin.yaml" >new/plugin.yaml
    cp "$built/turn$1.so" new/turn.so
}
# plug VERSION: puts it in the place of what is there.
plug() { folder "$1"; rm -rf old; [ ! -e plugins/turn ] || mv plugins/turn old; mv new plugins/turn; }

cat >conf/workflows/ask.yaml <<'YAML'
id: ask
triggers: [{event: ask, inputs: {name: "${event.data.name}"}}]
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: turn, action: say, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {name: "${input.name}", turn: "${nodes.say.output.turn}", mark: "${nodes.say.output.mark}"}, next: [done]}
  - {id: done, type: end}
YAML
cat >conf/workflows/twice.yaml <<'YAML'
id: twice
triggers: [{event: twice, inputs: {name: "${event.data.name}"}}]
nodes:
  - {id: begin, type: start, next: [first]}
  - {id: first, type: task, agent: turn, action: say, next: [between]}
  - {id: between, type: wait, signal: go, next: [second]}
  - {id: second, type: task, agent: turn, action: say, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {name: "${input.name}", turn: "${string(nodes.first.output.turn) + string(nodes.second.output.turn)}"}, next: [done]}
  - {id: done, type: end}
YAML
# told NAME: what the run of that name told.
told() { "$TDEV" event list --name told -n 0 --json | grep -A3 -B3 "\"name\": \"$1\"" | sed -n 's/.*"turn": "\{0,1\}\([0-9]*\)"\{0,1\}.*/\1/p'; }
has_told() { [ -n "$(told "$1")" ]; }
count=0
# ask: which build answers now.
ask() { count=$((count + 1)); "$TDEV" event emit ask -i name=n$count >/dev/null 2>&1 && until_true has_told n$count; answer=$(told n$count); }
answers() { ask; [ "$answer" = "$1" ]; }
is_watched() { "$TDEV" trigger list >list && grep "^$1 " list >rows && ! grep -q 'not watched yet' rows; }
waits() { [ "$("$TDEV" runs waiting --json | grep -c '"signal": "go"')" = "$1" ]; }
runs_waiting() { "$TDEV" runs list --status running --name twice --json | sed -n 's/.*"id": "\(.*\)",/\1/p'; }

plug 1
begin
until_true is_watched ask
until_true is_watched twice
ask; [ "$answer" = 1 ] || fail "the first build answers $answer"
want 0 "$TDEV" event emit twice -i name=stays
want 0 "$TDEV" event emit twice -i name=crashes
until_true waits 2

# --- exchanged ---
plug 2
until_true answers 2
says log 'version 2.0.0 serves now, where 1.0.0 did'
first=$(runs_waiting | tail -1) # the older one
want 0 "$TDEV" runs signal "$first" go
until_true has_told stays
[ "$(told stays)" = 11 ] || fail "a run under way stays with its build, it told $(told stays)"

# --- and through a crash, with the old folder gone ---
kill -9 $pid; wait $pid 2>/dev/null
rm -rf old
begin
until_true waits 1
want 0 "$TDEV" runs signal "$(runs_waiting)" go
until_true has_told crashes
[ "$(told crashes)" = 11 ] || fail "a run that was cut off goes on with its build, it told $(told crashes)"
ask; [ "$answer" = 2 ] || fail "the new build serves after a restart, not $answer"

# --- a bad one ---
folder 1; head -c 2000 new/turn.so >short; mv short new/turn.so; rm -rf old; mv plugins/turn old; mv new plugins/turn
until_true grep -q 'is cut short' log
says log 'version 2.0.0 goes on serving'
ask; [ "$answer" = 2 ] || fail "a bad build is refused, and $answer answers"
want 0 "$TDEV" plugin list; says out "of tdev $pid: goes on with 2.0.0: plugin \"turn\": library \"turn.so\" is cut short"
folder 1; echo 'nonsense: yes' >>new/plugin.yaml; rm -rf old; mv plugins/turn old; mv new plugins/turn
until_true grep -q 'unrecognized key "nonsense"' log
ask; [ "$answer" = 2 ] || fail "a bad manifest is refused, and $answer answers"
plug 1
until_true answers 1
want 0 "$TDEV" plugin list; ! grep -q 'goes on with' out || fail "what was mended is told no more: $(cat out)"

# --- a slow copy: file by file, the library in two pieces ---
folder 2
cp new/plugin.yaml plugins/turn/plugin.yaml
head -c 3000 new/turn.so >plugins/turn/turn.so
until_true grep -q 'version 1.0.0 goes on serving' log
ask; [ "$answer" = 1 ] || fail "half a copy is not used, and $answer answers"
tail -c +3001 new/turn.so >>plugins/turn/turn.so
until_true answers 2

# --- the agent's file ---
cat >conf/agents/turn.yaml <<'YAML'
plugin: turn
options: {mark: from the file}
YAML
marked() { ask; "$TDEV" event list --name told -n 1 --json | grep -q '"mark": "from the file"'; }
until_true marked
echo 'options: {mark: 3}' >conf/agents/turn.yaml
until_true grep -q 'stays as it was before its file changed' log
marked || fail "an agent's file with a fault changes nothing"

# --- settings ---
printf 'log: {level: info}\nlimits: {input_bytes: 1KiB}\nruntime: {coroutines: 5000}\n' >conf/tdevd.yaml; kill -HUP $pid
until_true grep -q 'read the configuration again' log
grep 'takes a restart' log >restart; says restart 'setting="runtime.coroutines"'; ! grep -q limits restart || fail "what takes effect needs no restart"
want 0 "$TDEV" event emit ask -i name="$(printf '%02000d' 0)"
until_true grep -q 'bytes as JSON, at most 1024' log

# --- taken away ---
rm conf/agents/turn.yaml; rm -rf plugins/turn
until_true grep -q 'is not in folder' log
count=$((count + 1)); want 0 "$TDEV" event emit ask -i name=n$count
has_failed() { "$TDEV" runs list --status failed --name ask | grep -q ask; }
until_true has_failed
finish
