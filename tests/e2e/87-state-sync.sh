#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an agent knows in two stores is made one: forward, by each policy of conflicts, merged; nothing is lost, a cut in the middle is made good
# by doing it again, and a daemon at work goes on with what came.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
built=$TEST_BUILDDIR/tests/plugins/tally/.libs
if [ ! -e "$built/tally1.so" ]; then echo "the test plugin tally is not built"; exit 77; fi
mkdir -p conf/agents conf/workflows plugins/tally
sed "s/^version: .*/version: 1.0.0/; s/version: 1}/version: 1}/; s/^library/isolation: inline\nlibrary/" \
    "$TEST_SRCDIR/tests/plugins/tally/plugin.yaml" >plugins/tally/plugin.yaml
cp "$built/tally1.so" plugins/tally/tally.so
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins TDEV_STATE_DIR=$dir/one
echo 'log: {level: info}' >conf/tdevd.yaml
pid= holder=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; [ -n "$holder" ] && kill -9 $holder 2>/dev/null; rm -rf "$dir"' EXIT

on() { local store=$1; shift; TDEV_STATE_DIR=$dir/$store "$@"; }
add() { on "$1" "$TDEV" agent call tally add -i by="$2" >out 2>err || fail "$(cat err)"; }
is() { # is STORE COUNT
    on "$1" "$TDEV" agent call tally get >out 2>err || fail "$(cat err)"
    grep -q "\"count\": $2,\{0,1\}\$" out || fail "in store $1 the count is not $2: $(cat out)"
}
newest() { on "$1" "$TDEV" agent state list tally --json | sed -n 's/^  "newest": "\(.*\)",$/\1/p'; }
sync() { want "$1" "$TDEV" agent state sync tally --with "$dir/two" "${@:2}"; }

# --- words ---
want 2 "$TDEV" agent state sync tally; says err "--with must name the other store"
sync 2 --conflict mine; says err "--conflict must be ask, newest, ours, theirs or merge"
sync 2 --tie ours; says err "--tie goes with --conflict merge"
want 3 "$TDEV" agent state sync tally --with "$dir/one"; says err "is the store itself"
mkdir two
sync 3; says err "there is no store"; says err "--create makes it"
[ ! -e two/store.db ] || fail "a slip of the pen makes a store"

# --- forward, both ways ---
add one 5; add one 2
sync 0 --create; says out "2 versions copied to the other store"; says out "is the newest of both stores"
is two 7
[ "$(newest one)" = "$(newest two)" ] || fail "the stores are at different versions"
sync 0; says out "both stores are at version $(newest one)"
add two 1
sync 0 --direction push; says out "the other store is ahead, there is nothing to push"
is one 7
sync 0 --dry-run; says out "1 version would be copied to this store"
is one 7
sync 0; is one 8

# --- a conflict changes nothing unless it is said what it comes to ---
base=$(newest one)
add one 10; add two 100
ours=$(newest one); theirs=$(newest two)
sync 1; says err "both stores went on from version $base: this one to $ours, the other to $theirs"; says err "--conflict newest, ours, theirs or merge"
sync 1 --conflict merge; says err "both stores changed \"/count\""; says err "--tie newest, ours or theirs"
is one 18; is two 108
sync 0 --conflict ours --dry-run --json; says out '"relation": "conflict"'; says out "\"aside\": \"$theirs\""
is one 18; is two 108
sync 0 --conflict theirs; says out "both stores have gone on: theirs; version $ours is kept aside"
is one 108; is two 108
for store in one two; do
    want 0 on $store "$TDEV" agent state show tally "$ours"; says out '"count": 18'
    want 0 on $store "$TDEV" agent state list tally; says out "~ $ours"; says out "merged of $ours: \"theirs\""
done
want 0 "$TDEV" agent state rollback tally "$ours"
sync 0; is two 18
add one 1; add two 2
sync 0 --conflict merge --tie newest; says out "both changed /count"
is one 20; is two 20

# --- the way back of a third store ---
add one 1
want 0 "$TDEV" agent state sync tally --with "$dir/three.db" --create; says out "copied to the other store"
want 0 on two "$TDEV" agent state sync tally --with "$dir/three.db"; says out "to this store"
is two 21

# --- killed between the two stores: this one is held by somebody, the other is done ---
if command -v python3 >/dev/null; then
    add one 1; add two 3
    before=$(newest two)
    mkfifo held
    python3 -c '
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").write("held\n")
time.sleep(600)' "$dir/one/store.db" held &
    holder=$!
    read -r _ <held
    "$TDEV" agent state sync tally --with "$dir/two" --conflict ours >out 2>err &
    pid=$!
    while [ "$(newest two)" = "$before" ]; do kill -0 $pid 2>/dev/null || fail "it ended before it wrote: $(cat err)"; done
    kill -9 $pid; wait $pid 2>/dev/null; pid=
    kill -9 $holder; wait $holder 2>/dev/null; holder=
    is one 22; is two 22
    [ "$(newest one)" != "$(newest two)" ] || fail "it was not cut in the middle"
    sync 0; says out "to this store"
    [ "$(newest one)" = "$(newest two)" ] || fail "doing it again does not end it"
    want 0 on one "$TDEV" agent state show tally "$before"; says out '"count": 24'
    for store in one two; do want 0 on $store "$TDEV" store verify; done
fi

# --- a daemon at work goes on with what comes ---
cat >conf/workflows/add.yaml <<'YAML'
id: add
triggers: [{event: add}]
nodes:
  - {id: begin, type: start, next: [add]}
  - {id: add, type: task, agent: tally, action: add, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {count: "${nodes.add.output.count}"}, next: [done]}
  - {id: done, type: end}
YAML
mkfifo said
"$tdevd" 2>said &
pid=$!
exec 7<said
while read -r line <&7; do
    echo "$line" >>log
    case $line in *"is ready"*) cat <&7 >>log & break ;; esac
done
until_true() { until "$@" >/dev/null 2>&1; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done; }
is_watched() { "$TDEV" trigger list >list && grep "^add " list >rows && ! grep -q 'not watched yet' rows; }
told() { "$TDEV" event list --name told -n 1 --json | grep -q "\"count\": $1,\{0,1\}\$"; }
until_true is_watched
want 0 "$TDEV" event emit add; until_true told 23
sync 0; add two 50
sync 0; says out "1 version copied to this store"
want 0 "$TDEV" event emit add; until_true told 74
want 0 "$TDEV" event list --name agent.state.synchronised; says out "agent.state.synchronised"
kill -TERM $pid; wait $pid || fail "tdevd exits $?: $(cat log)"; pid=
echo "ok"
