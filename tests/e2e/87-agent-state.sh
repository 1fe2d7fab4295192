#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an agent knows is kept: over restarts, kills, crashes of its process and versions of its plugin, up and down; people look at it, go
# back, migrate, and a daemon at work follows them.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
built=$TEST_BUILDDIR/tests/plugins/tally/.libs
if [ ! -e "$built/tally1.so" ]; then echo "the test plugin tally is not built"; exit 77; fi
mkdir -p conf/workflows conf/agents plugins
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml

# plug BUILD [ISOLATION]: puts that build in the place of what is there.
plug() {
    rm -rf new old; mkdir new
    sed "s/^version: .*/version: $1.0.0/; s/version: 1}/version: $1}/; s/^library/isolation: ${2:-inline}\nlibrary/" \
        "$TEST_SRCDIR/tests/plugins/tally/plugin.yaml" >new/plugin.yaml
    cp "$built/tally$1.so" new/tally.so
    [ ! -e plugins/tally ] || mv plugins/tally old
    mv new plugins/tally
}
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
call() { want 0 "$TDEV" agent call tally "$@"; }
counts() { grep -q "\"count\": $1,\{0,1\}\$" out || fail "the count is not $1"; }
is_build() { grep -q "\"build\": $1,\{0,1\}\$" out || fail "build $1 does not answer"; }
newest() { "$TDEV" agent state list tally --json | sed -n 's/^  "newest": "\(.*\)",$/\1/p'; }

"$TDEV" doctor >out 2>err
isolations="inline process"
grep -q '^note *isolation' out && isolations=inline
for isolation in $isolations; do
    rm -rf state old plugins/tally
    # --- over processes ---
    plug 1 "$isolation"
    call add -i by=5; counts 5
    first=$(newest)
    call add -i by=2; counts 7
    call get; counts 7
    call twice; counts 9
    want 0 "$TDEV" agent state list tally; [ "$(wc -l <out)" = 4 ] || fail "each change is a version"
    says out "version 1"; says out "tally 1.0.0  saved"
    want 0 "$TDEV" agent state diff tally; says out '- /count  8'; says out '+ /count  9'

    # --- over versions of the plugin, up, and down by the one that saved ---
    plug 3 "$isolation"
    want 0 "$TDEV" agent state migrate tally --dry-run
    says out "version 1 -> 2 -> 3, would be"; says out '+ /sum  {"total":9}'
    want 0 "$TDEV" agent state list tally; [ "$(wc -l <out)" = 4 ] || fail "a dry run changes nothing"
    call add; counts 10; is_build 3
    want 0 "$TDEV" agent state list tally; says out "version 3"; says out "migrated"
    plug 2 "$isolation"
    call add; counts 11; is_build 2
    plug 9 "$isolation"
    want 3 "$TDEV" agent call tally get
    says err 'no migrations lead from version 2 of its state to version 9; there are none'
    plug 1 "$isolation"
    call add; counts 12; is_build 1

    # --- people ---
    want 0 "$TDEV" agent state rollback tally "$first" -m "the party is over"
    says out "is the newest of agent tally"
    call get; counts 5
    want 0 "$TDEV" agent state list tally; says out "rolled back of $first: \"the party is over\""
    want 0 "$TDEV" agent state export tally -o kept.json
    call add; counts 6
    want 0 "$TDEV" agent state import tally kept.json
    call get; counts 5
    sed 's/"count": 5/"count": 50/' kept.json >forged.json
    want 1 "$TDEV" agent state import tally forged.json; says err "the state is not what was exported"
    want 0 "$TDEV" agent state prune tally --keep 2; says out "versions were taken away"
    want 0 "$TDEV" agent state list tally; [ "$(wc -l <out)" = 2 ] || fail "two are kept"
    call get; counts 5
    want 3 "$TDEV" agent state show tally "$first"; says err "has no version \"$first\""
done
rm -rf state

# --- a daemon ---
plug 1
cat >conf/workflows/add.yaml <<'YAML'
id: add
triggers: [{event: add}]
nodes:
  - {id: begin, type: start, next: [add]}
  - {id: add, type: task, agent: tally, action: add, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {count: "${nodes.add.output.count}", build: "${nodes.add.output.build}"}, next: [done]}
  - {id: done, type: end}
YAML
is_watched() { "$TDEV" trigger list >list && grep "^add " list >rows && ! grep -q 'not watched yet' rows; }
told() { "$TDEV" event list --name told -n 0 --json | grep -c '"count":'; }
has_told() { [ "$(told)" -gt "$1" ]; }
last() { "$TDEV" event list --name told -n 1 --json | sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p"; }
# add: what the daemon's agent answers is in the newest event.
add() { before=$(told); want 0 "$TDEV" event emit add; until_true has_told "$before"; }
is_told() { add; [ "$(last build)" = "$1" ]; }

begin
until_true is_watched
add; add; add
[ "$(last count)" = 3 ] || fail "the daemon counts to $(last count)"
kill -9 $pid; wait $pid 2>/dev/null
begin
until_true is_watched
add; [ "$(last count)" = 4 ] || fail "after a kill it goes on with $(last count)"
plug 3
until_true grep -q 'version 3.0.0 serves now, where 1.0.0 did' log
is_told 3 || fail "build $(last build) answers"
count=$(last count)
versions=$("$TDEV" event list --name told -n 0 --json | grep -c '"count":')
[ "$count" = "$versions" ] || fail "of $versions calls $count were counted over an exchange"
first=$("$TDEV" agent state list tally --json | sed -n 's/^ *"id": "\(.*\)",$/\1/p' | head -1)
at=$("$TDEV" agent state show tally "$first" | sed -n 's/.*"\(count\|total\)": \([0-9]*\).*/\2/p')
want 0 "$TDEV" agent state rollback tally "$first"
add; [ "$(last count)" = $((at + 1)) ] || fail "the daemon goes on with $(last count), not behind $at"
want 0 "$TDEV" event list --name agent.state.rolled-back; says out "agent.state.rolled-back"

# --- what is saved at the end: a kill loses it, an end does not ---
printf 'plugin: tally\nstate: {save: end, keep: 3}\n' >conf/agents/tally.yaml
until_true grep -q 'is as its file says it now' log
count=$(last count)
add; add
kill -9 $pid; wait $pid 2>/dev/null
begin
until_true is_watched
add; [ "$(last count)" = $((count + 1)) ] || fail "what was not saved is lost, not $(last count)"
finish
want 0 "$TDEV" agent call tally get; counts $((count + 1))
printf 'plugin: tally\nstate: {save: sometimes}\n' >conf/agents/tally.yaml
want 3 "$TDEV" agent call tally get; says err 'tally.yaml:2:15: "save" must be each_call, end, or a duration'
want 0 "$TDEV" agent list; says out '"save" must be each_call'
echo "ok"
