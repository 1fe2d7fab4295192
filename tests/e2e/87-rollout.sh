#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new build gets a share of the calls, is watched, and taken, or taken back; somebody may want it otherwise; a restart and a crash
# change nothing of that, and no other process uses what is tried.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
built=$TEST_BUILDDIR/tests/plugins/turn/.libs
if [ ! -e "$built/turn3.so" ]; then echo "the test plugin turn is not built"; exit 77; fi
mkdir -p conf/workflows conf/policies plugins
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml
cat >conf/policies/rollouts.yaml <<'YAML'
rollouts:
  - {plugins: "tur*", strategy: canary, shares: [0.5], watch: 50ms, keep: 50ms, min_calls: 2, failures: 3}
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

# folder VERSION: a whole plugin folder of that build.
folder() {
    rm -rf new; mkdir -p new/turn
    sed "s/^version: .*/version: $1.0.0/" "$TEST_SRCDIR/tests/plugins/turn/plugin.yaml" >new/turn/plugin.yaml
    cp "$built/turn$1.so" new/turn/turn.so
}
cat >conf/workflows/ask.yaml <<'YAML'
id: ask
triggers: [{event: ask, inputs: {name: "${event.data.name}"}}]
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: turn, action: say, on_error: {goto: sorry}, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {name: "${input.name}", turn: "${nodes.say.output.turn}"}, next: [done]}
  - {id: sorry, type: emit, event: told, payload: {name: "${input.name}", turn: 0}, next: [done]}
  - {id: done, type: end}
YAML
told() { "$TDEV" event list --name told -n 0 --json | grep -A3 -B3 "\"name\": \"$1\"" | sed -n 's/.*"turn": "\{0,1\}\([0-9]*\)"\{0,1\}.*/\1/p'; }
has_told() { [ -n "$(told "$1")" ]; }
count=0
# ask: which build answers now; 0: it failed.
ask() { count=$((count + 1)); "$TDEV" event emit ask -i name=n$count >/dev/null 2>&1 && until_true has_told n$count; answer=$(told n$count); }
answers() { ask; [ "$answer" = "$1" ]; }
is_watched() { "$TDEV" trigger list >list && grep "^ask " list >rows && ! grep -q 'not watched yet' rows; }
state() { "$TDEV" plugin status turn --json | sed -n 's/.*"state": "\(.*\)",/\1/p'; }
is_state() { [ "$(state)" = "$1" ]; }
# ask_until STATE: asks until the rollout is there; answers are what they were.
ask_until() { answers=; until is_state "$1"; do ask; answers+=$answer; done; }
waits() { "$TDEV" plugin status turn | grep -q "$1"; }

folder 1; want 0 "$TDEV" plugin deploy new/turn --to plugins
says out 'no tdevd is running: it serves from the next start on'
begin
until_true is_watched
ask; [ "$answer" = 1 ] || fail "the first build answers, not $answer"

# --- a good one ---
folder 2; want 0 "$TDEV" plugin deploy new/turn
says out 'tdevd takes it over'
until_true is_state trial
want 0 "$TDEV" agent call turn say --json; says out '"turn": 1' # not here
ask_until done
case $answers in *1*2* | *2*1*) ;; *) fail "half of the calls go to each build, they gave $answers" ;; esac
ask; [ "$answer" = 2 ] || fail "the new build serves, not $answer"
want 0 "$TDEV" plugin status; says out 'turn  canary  done'

# --- back, and on again; a restart goes by what was wanted ---
want 0 "$TDEV" plugin rollback turn; says out 'version 2.0.0 was rolled back: somebody wanted it'
ask; [ "$answer" = 1 ] || fail "after a rollback the version before answers, not $answer"
want 0 "$TDEV" plugin list; says out 'goes on with 1.0.0'
kill -9 $pid; wait $pid 2>/dev/null
begin
ask; [ "$answer" = 1 ] || fail "a rollback outlasts a crash, $answer answers"
want 0 "$TDEV" agent call turn say --json; says out '"turn": 1'
want 1 "$TDEV" plugin rollback turn; says err 'the rollout of plugin "turn" is "rolled_back"'
want 0 "$TDEV" plugin promote turn
until_true is_state done
ask; [ "$answer" = 2 ] || fail "what is promoted serves, not $answer"

# --- a broken one is taken back by itself ---
folder 3; want 0 "$TDEV" plugin deploy new/turn
until_true is_state trial
ask_until rolled_back
case $answers in *0*) ;; *) fail "the broken build got no call: $answers" ;; esac
ask; [ "$answer" = 2 ] || fail "after that the version before answers, not $answer"
want 0 "$TDEV" plugin status turn; says out 'version 3.0.0 was rolled back'
want 0 "$TDEV" plugin list; says out 'goes on with 2.0.0'
says log 'this build is broken'

# --- blue and green: nothing, then all, then back ---
folder 1; want 0 "$TDEV" plugin deploy new/turn --strategy blue_green --watch 10ms --keep 1h
until_true waits 'waits for "tdev plugin promote"'
ask; [ "$answer" = 2 ] || fail "green gets nothing yet, $answer answers"
want 0 "$TDEV" plugin promote turn; says out 'phase 2 of 2: 100 %'
ask; [ "$answer" = 1 ] || fail "green gets everything, $answer answers"
kill -9 $pid; wait $pid 2>/dev/null
begin
until_true answers 1 # it goes on where it was
want 0 "$TDEV" plugin rollback turn
ask; [ "$answer" = 2 ] || fail "blue is still there, $answer answers"

# --- a shadow: it is asked too, and nobody hears it ---
folder 1; echo '# another' >>new/turn/plugin.yaml; sed -i 's/^description: .*/description: Another/' new/turn/plugin.yaml
want 0 "$TDEV" plugin deploy new/turn --strategy shadow --watch 10ms --min-calls 1
until_true is_state trial
ask; [ "$answer" = 2 ] || fail "a shadow answers nobody, $answer answers"
until_true waits '1 different'
want 0 "$TDEV" plugin status turn; says out 'turn.say at "/turn": 1, not 2'
want 0 "$TDEV" plugin rollback turn

# --- words ---
want 3 "$TDEV" plugin promote other; says err 'of plugin "other" no other version was rolled out'
want 2 "$TDEV" plugin deploy new/turn --strategy purple; says err 'there is no "purple", it is one of all_at_once, rolling, canary, blue_green, shadow'
want 2 "$TDEV" plugin deploy new/turn --promote sometimes; says err 'there is no "sometimes", it is one of auto, manual'
want 3 "$TDEV" plugin deploy new/turn --strategy canary --shares 50%,20%; says err '"shares" must grow'
finish
grep -q 'in a process of its own' log && fail "a build that is kept runs where it did, inline"
true
