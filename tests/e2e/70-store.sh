#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A store that was damaged says what is wrong and where, costs no more than what was hit, and never crashes or hangs a command.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
store=$XDG_STATE_HOME/tdev/store.db
bounded() { timeout -k 5 60 "$TDEV" "$@"; }

# flip TEXT OFFSET: changes the byte at OFFSET of every place where the store's file holds the text.
flip() {
    local at found=0
    for at in $(LC_ALL=C grep -aboF -- "$1" "$store" | cut -d: -f1); do
        printf '~' | dd of="$store" bs=1 seek=$((at + $2)) conv=notrunc 2>/dev/null
        found=1
    done
    [ $found = 1 ] || fail "the store does not hold: $1"
}
# id_of N: the id of the N-th run in the list, newest first.
id_of() { "$TDEV" runs list --json >list.json && sed -n "s/.*\"id\": \"\([^\"]*\)\".*/\1/p" list.json | sed -n "$1p"; }

cat >hello.yaml <<'YAML'
id: hello
inputs: {type: object, required: [who]}
nodes:
  - {id: begin, type: start, next: [greet]}
  - {id: greet, type: task, agent: echo, action: echo, inputs: {text: "hi ${input.who}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.greet.output.text}"}
YAML
for who in kitten puppy foal; do want 0 "$TDEV" run hello.yaml -q -i who=$who; done
foal=$(id_of 1) puppy=$(id_of 2) kitten=$(id_of 3)
want 0 "$TDEV" store verify; says out "the store is in order"
want 0 "$TDEV" doctor --json; says out '"what": "store"'
[ ! -e "$store-wal" ] || fail "a store that was closed has a write-ahead log"
cp "$store" sound.db

# One byte of a run's journal: that run cannot be shown, all else goes on.
flip "hi puppy" 3
want 0 "$TDEV" runs list; says out "$puppy"; says err 'row 4 of table "log" is damaged'
want 1 "$TDEV" runs show "$puppy"; says err 'row 4 of table "log" is damaged: its checksum does not fit'; says err "tdev store verify"
want 0 "$TDEV" runs show "$kitten"; says out "ended"
want 1 "$TDEV" store verify; says err "store \"$store\": row 4 of table \"log\" is damaged"
want 1 "$TDEV" store verify --json; says out '"code": "corrupt"'
want 1 "$TDEV" doctor; says out "bad   store"; says out 'row 4 of table "log" is damaged'
want 0 "$TDEV" run hello.yaml -q -i who=calf; says out "hi calf"

# One byte of a run's record: the list has the others.
cp sound.db "$store"
flip "\"id\":\"$puppy\",\"key\"" 2
want 0 "$TDEV" runs list; says out "$kitten"; says out "$foal"; says err "'$puppy' of table \"kv\" is damaged"
grep -q "$puppy" out && fail "a damaged record is in the list"
want 1 "$TDEV" runs show "$puppy"; says err "'$puppy' of table \"kv\" is damaged"
want 0 "$TDEV" runs show "$foal"
want 1 "$TDEV" store verify; says err "'$puppy' of table \"kv\" is damaged"

# Of two runs to be resumed one is damaged: it is parked, the other is finished.
cp sound.db "$store"
cat >slow.yaml <<'YAML'
id: slow
inputs: {type: object}
nodes:
  - {id: begin, type: start, next: [first]}
  - {id: first, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: first}, next: [wait]}
  - {id: wait, type: task, agent: steps, action: nest, in_doubt: retry, inputs: {agent: steps, action: slow, input: {ms: "${input.ms}"}}, next: [done]}
  - {id: done, type: end, output: {}}
YAML
for name in lion tiger; do
    "$TDEV" run slow.yaml -q -i "file=$dir/$name" -i ms=60000 >slow.out 2>slow.err &
    pid=$!
    until [ -s $name ]; do kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat slow.err)"; done
    kill -9 $pid; wait $pid 2>/dev/null
done
until "$TDEV" runs list --status orphaned >out && [ "$(wc -l <out)" = 2 ]; do :; done
tiger=$(id_of 1) lion=$(id_of 2)
flip "$dir/lion" 1
want 1 "$TDEV" runs resume "$lion" -q; says err 'of table "log" is damaged'
want 0 "$TDEV" runs list --status parked; says out "$lion"
want 0 "$TDEV" runs list --status orphaned; says out "$tiger"

# The file as a whole. A backup put in its place is all it takes.
cut_short() { truncate -s -8192 "$store"; } # a page
one_byte() { printf x >"$store"; }
no_header() { printf 'SQLite format 4' | dd of="$store" conv=notrunc 2>/dev/null; }
letter() { echo "Dear store," >"$store"; }
while read -r damage code words; do
    cp sound.db "$store"
    $damage
    for verb in "runs list" "store verify" "runs resume" "run hello.yaml -q -i who=x"; do
        # shellcheck disable=SC2086
        want "$code" bounded $verb; says err "$words"; says err "$store"
    done
    want 1 bounded doctor; says out "$words"
done <<'CASES'
cut_short 1 database disk image is malformed
one_byte 3 cannot be a store: its content is something else
no_header 3 cannot be a store: its content is something else
letter 3 cannot be a store: its content is something else
CASES
cp sound.db "$store"
want 0 "$TDEV" runs show "$kitten"; says out "ended"

# A store that is large (here: with room behind it) is not read by doctor, which says so.
truncate -s +80M "$store"
want 0 "$TDEV" doctor; says out "it is large and was only opened: tdev store verify reads it"
want 0 "$TDEV" store verify

# Any page of the file: what can be read is read, verify finds it, nothing crashes.
pages=$(($(wc -c <sound.db) / 8192)) # as large as new stores have them
head -c 8192 /dev/zero | tr '\0' '\245' >junk
for page in $(seq 0 $((pages - 1))); do
    cp sound.db "$store"
    dd if=junk of="$store" bs=8192 seek="$page" conv=notrunc 2>/dev/null
    bounded store verify >out 2>err; rc=$?
    [ $rc = 1 ] || { [ $rc = 3 ] && [ "$page" = 0 ]; } || fail "verify exits $rc when page $page is junk"
    for verb in "runs list" "runs show $kitten" "runs resume" "run hello.yaml -q -i who=x"; do
        # shellcheck disable=SC2086
        bounded $verb >out 2>err; rc=$?
        [ $rc = 0 ] || [ $rc = 1 ] || [ $rc = 3 ] || fail "\"$verb\" exits $rc when page $page is junk"
        [ $rc = 0 ] || [ -s err ] || fail "\"$verb\" says nothing when page $page is junk"
    done
done

# A write-ahead log that is none, beside a store that was closed: nothing of it is taken.
cp sound.db "$store"
rm -f "$store-shm"
cat junk junk >"$store-wal"
want 0 "$TDEV" runs list; says out "$foal"
want 0 "$TDEV" store verify

# The form of the tables goes down, and up again when the store is opened.
want 0 "$TDEV" store migrate --to 3; says out "version 3 (was 5)"
want 0 "$TDEV" runs show "$puppy"; says out "ended"
want 0 "$TDEV" store verify
echo "ok"
