#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A backup is made while runs go on; a restore puts it back, keeps what was there, and lets no run that was under way do again without a word
# what it did since.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
store=$XDG_STATE_HOME/tdev/store.db

cat >pay.yaml <<'YAML'
id: pay
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [ok]}
  - {id: ok, type: wait, signal: go, next: [pay]}
  - {id: pay, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: paid}, next: [done]}
  - {id: done, type: end, output: {}}
YAML
# waiting FILE: starts a run in the background, and returns when it waits; its process is $pid, its id $id.
waiting() {
    mkfifo "$1.said"
    "$TDEV" run pay.yaml -i file="$dir/$1" >"$1.out" 2>"$1.said" &
    pid=$!
    while read -r line; do
        case $line in *"waits: tdev runs signal "*) break ;; esac
    done <"$1.said"
    id=${line#*runs signal }
    id=${id% go}
    until "$TDEV" runs list --status running | grep -q "$id"; do :; done
}
trap '' PIPE

# While a run goes on in another process: a backup is made, a restore is refused and names the process.
waiting a
mkdir backups
want 0 "$TDEV" store backup backups --json; says out '"bytes": '
want 0 "$TDEV" store backup then.db; says out 'backed up to "then.db", '
[ "$(stat -c %a then.db)" = 600 ] || fail "others may read the backup"
want 3 "$TDEV" store backup then.db; says err '"then.db" is there already'
want 0 "$TDEV" store backup then.db --force
want 3 "$TDEV" store backup "$store" --force; says err "is the store itself"
want 4 "$TDEV" store restore then.db
says err "while it is in use: process $pid (\"tdev\") has it open"
want 0 "$TDEV" runs signal "$id" go
wait $pid || fail "the run did not end well"
[ "$(wc -l <a)" = 1 ] || fail "the run did not do its step once"

# The backup is of the time before: its run is parked, and a resume of all leaves it alone.
want 0 "$TDEV" store restore then.db; says out "1 runs were under way at the backup and are parked"; says out "what was there is kept in \"$store.before-"
want 0 "$TDEV" store verify
want 0 "$TDEV" runs list --status parked --json; says out "$id"; says out "what it did since is not known"
want 0 "$TDEV" runs resume; says out "0 resumed and done, 0 not"; says out "1 parked"
want 1 "$TDEV" runs resume "$id" -q; says err "what it did since is not known"; says err "tdev runs resume $id --force"
want 4 "$TDEV" runs signal "$id" go; says err "is parked"
[ "$(wc -l <a)" = 1 ] || fail "the run did its step again without a word"
want 0 "$TDEV" runs resume "$id" --force -q
[ "$(wc -l <a)" = 2 ] || fail "the run did not go on by force"

# What was kept is a backup as well. Nothing ran since: the run goes on as it is.
kept=$(ls "$store".before-*)
want 0 "$TDEV" store restore "$kept" --json; says out '"parked": 0'
want 0 "$TDEV" runs list --status "done"; says out "$id"
waiting b
kill -9 $pid; wait $pid 2>/dev/null
want 0 "$TDEV" store backup moved.db
rm -rf "$XDG_STATE_HOME/tdev"
want 0 "$TDEV" store restore moved.db --as-is; grep -q kept out && fail "there was nothing to keep"
want 0 "$TDEV" runs signal "$id" go -q
[ "$(wc -l <b)" = 1 ] || fail "the run did not go on"

# What is no backup leaves the store as it was.
cp "$store" before.db
echo "Dear store," >letter.db
sqlite_header() { head -c 8192 moved.db >short.db; }
sqlite_header
: >empty.db
cp moved.db open.db; echo x >open.db-wal
while read -r file code words; do
    want "$code" "$TDEV" store restore "$file"; says err "$words"; says err "$file"
    cmp -s "$store" before.db || fail "$file changed the store"
    [ ! -e "$store.restore" ] || fail "$file leaves something behind"
done <<'CASES'
letter.db 3 cannot be a store: its content is something else
short.db 1 malformed
empty.db 1 it is empty
open.db 3 as of a store that is open
none.db 3 there is no backup
. 3 it is no regular file
CASES

# A store that is no store any more is mended by it.
echo "Dear store," >"$store"
want 3 "$TDEV" runs list; says err "tdev store restore FILE"
want 0 "$TDEV" store restore before.db
want 0 "$TDEV" store verify
want 0 "$TDEV" runs list; says out "$id"
TDEV_STORE_DURABILITY=memory want 3 "$TDEV" store backup x.db; says err "cannot be backed up"
TDEV_STORE_DURABILITY=memory want 3 "$TDEV" store restore before.db; says err "it is in no file"
echo "ok"
