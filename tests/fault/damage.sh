#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/damage: a store whose file has a changed byte, is cut short, emptied, replaced, cannot be written, or has other files beside it than its
# own. Each command says what is wrong and ends with an exit code of the house, or gives what it gave before; nothing crashes, hangs, is done
# twice, or is silently something else.
#
#   TDEV=the program, DAMAGE=changed bytes (default 30), CUTS=lengths (default 10), SEED=number
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
seed=${SEED:-$$} flips=${DAMAGE:-30} cuts=${CUTS:-10}
RANDOM=$seed
export TDEV_STATE_DIR=$dir/state
store=$dir/state/store.db
what=setup
bounded() { timeout -k 5 30 "$TDEV" "$@" >out 2>err </dev/null; rc=$?; }
wrong() { fail "$what (seed $seed): $*"; }
# An exit code of the house, with words unless it is 0; never a signal, never the limit of time.
ended() { [ $rc -le 4 ] && [ $rc -ne 2 ] && { [ $rc = 0 ] || [ -s err ]; } || wrong "$* exits $rc"; }

cat >quick.yaml <<'YAML'
id: quick
inputs: {type: object, required: [text]}
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: echo, action: echo, inputs: {text: "hi ${input.text}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.say.output.text}"}
YAML
cat >long.yaml <<'YAML'
id: long
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [one]}
  - {id: one, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: one}, next: [ok]}
  - {id: ok, type: wait, signal: go, next: [two]}
  - {id: two, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: two}, next: [done]}
  - {id: done, type: end, output: both}
YAML

# --- the store: runs that are done, and one without a process ---
for text in kitten puppy foal; do want 0 "$TDEV" run quick.yaml -q -i text=$text; done
"$TDEV" run long.yaml -q -i file="$dir/effects" >long.out 2>&1 &
pid=$!
until "$TDEV" runs list --json >list 2>err && grep -q '"waits"' list; do kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat long.out)"; done
{ kill -9 $pid; wait $pid; } 2>/dev/null
cp -r state live # as the killed process left it: with a write-ahead log
[ -s live/store.db-wal ] || fail "the killed process left no write-ahead log"
want 0 "$TDEV" store verify
[ ! -e "$store-wal" ] || fail "a store that was closed has a write-ahead log"
until "$TDEV" runs list --status orphaned >out && grep -q long out; do :; done
id=$(cut -d' ' -f1 out)
cp -r state sound
cp effects effects.one
"$TDEV" runs list >want.list
cut -d' ' -f1 want.list >ids
while read -r one; do "$TDEV" runs show "$one" --json >"want.$one"; done <ids

# fresh FOLDER: that store, and what the run without a process has done so far.
fresh() { rm -rf state; cp -r "$1" state; cp effects.one effects; }
effects() { cut -d' ' -f1 effects | tr '\n' ' '; }

# Everything that can be asked of a store that may be damaged. Of a log it is told once, by the first that opens the store.
try() {
    told=no
    bounded runs list; ended "runs list"
    if [ $rc = 0 ] && ! cmp -s out want.list; then
        [ -s err ] || wrong "the list of runs is another, and nothing is said: $(diff want.list out)"
    fi
    [ -s err ] && told=yes
    while read -r one; do
        bounded runs show "$one" --json; ended "runs show"
        if [ $rc = 0 ] && ! cmp -s out "want.$one"; then
            [ -s err ] || [ $told = yes ] || wrong "a run is another, and nothing is said: $(diff "want.$one" out)"
        fi
        [ -s err ] && told=yes
    done <ids
    bounded store verify; ended "store verify"
    [ $rc = 0 ] || told=yes
    bounded runs signal "$id" go -q; ended "runs signal"
    case "$rc $(effects)" in
    0*" one one "*) [ $told = yes ] || wrong "a step is done twice, and nothing is said" ;;
    "0 one two ") [ "$(cat out)" = '"both"' ] || wrong "the run has another outcome: $(cat out)" ;;
    0*) wrong "the run ended well, and its steps are: $(effects)" ;;
    *" one " | *" one two ") told=yes ;;
    *) wrong "steps were lost or doubled: $(effects)" ;;
    esac
    bounded run quick.yaml -q -i text=calf; ended "run"
    [ $rc != 0 ] || [ "$(cat out)" = '"hi calf"' ] || wrong "a new run has another outcome: $(cat out)"
    [ $rc = 0 ] || told=yes
    bounded runs list; ended "runs list, later"
    bounded doctor; grep -a "^bad" out >>err; ended "doctor"
}

# --- bytes ---
size=$(wc -c <sound/store.db) heard=0
for i in $(seq "$flips"); do
    fresh sound
    # A third of them in the first page, which says what the file is.
    at=$(((RANDOM * 32768 + RANDOM) % size)); [ $((i % 3)) = 0 ] && at=$((RANDOM % 4096 % (i % 2 == 0 ? 100 : 4096)))
    was=$(od -An -tu1 -j "$at" -N 1 "$store" | tr -d ' ')
    is=$(((was ^ (1 << (RANDOM % 8))) & 255)); [ $((i % 5)) = 0 ] && is=$((RANDOM % 256))
    printf "\\x$(printf %x $is)" | dd of="$store" bs=1 seek="$at" conv=notrunc 2>/dev/null
    what="byte $at is $is, was $was"
    try
    [ $told = no ] || heard=$((heard + 1))
done
echo "# $flips bytes changed, $heard of them heard of"

# --- lengths ---
for i in $(seq "$cuts"); do
    fresh sound
    length=$((RANDOM * 32768 + RANDOM)) length=$((length % size)); [ "$i" = 1 ] && length=$((size - 1)); [ "$i" = 2 ] && length=$((size - 8192)); [ "$i" = 3 ] && length=99
    truncate -s "$length" "$store"
    what="cut to $length bytes of $size"
    try
    # A part of the last page may hold nothing: then all was as before.
    [ $told = yes ] || [ "$length" -gt $((size - 8192)) ] || wrong "nothing is said"
done

# --- the whole file, and the two beside it ---
# another store, killed as well, with a log of its own
rm -rf state; mkdir state
"$TDEV" run long.yaml -q -i file="$dir/effects.other" >long.out 2>&1 &
pid=$!
until "$TDEV" runs list --json >list 2>err && grep -q '"waits"' list; do kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat long.out)"; done
{ kill -9 $pid; wait $pid; } 2>/dev/null
rm -rf other.live; cp -r state other.live

say() { what=$1; bounded runs list; [ $rc = "$2" ] || wrong "exit $rc, not $2"; grep -qF -- "$3" err || wrong "it does not say: $3"; }
emptied() { : >"$store"; touch -d '1 hour ago' "$store"; }
emptied_live() { : >"$store"; }
text() { echo "Dear store," >"$store"; }
log_gone() { rm "$store-wal"; }
both_gone() { rm "$store-wal" "$store-shm"; }
other_log() { cp other.live/store.db-wal "$store-wal"; }
other_log_alone() { rm "$store-shm"; cp other.live/store.db-wal "$store-wal"; }
backup_by_hand() { want 0 "$TDEV" store backup hand.db --force; fresh live; cp hand.db "$store"; }
junk_log() { head -c 9000 /dev/urandom >"$store-wal"; }
while IFS='|' read -r from how code words; do
    fresh "$from"
    $how
    say "$from, $how" "$code" "$words"
    if [ "$code" != 0 ]; then
        say "$from, $how, again" "$code" "$words"
        bounded run quick.yaml -q -i text=x; [ $rc = "$code" ] || wrong "a run exits $rc"
    fi
    [ "$(effects)" = "one " ] || wrong "a step was done: $(effects)"
done <<'CASES'
sound|emptied|0|was an empty file and begins anew; if it held anything, go back to a backup with: tdev store restore FILE
live|emptied_live|1|is empty, and the write-ahead log beside it is not
sound|text|3|cannot be a store: its content is something else
live|text|3|cannot be a store: its content is something else
live|log_gone|0|is missing, and the store was not closed: what was committed last may be lost
live|other_log|1|is that of another store
live|other_log_alone|1|is that of another store
live|backup_by_hand|1|is that of another store
CASES
# A changed byte in the log: SQLite reads no further, and what was behind is told to be lost.
size=$(wc -c <live/store.db-wal)
for i in $(seq $((cuts + 2))); do
    fresh live
    at=$(((RANDOM * 32768 + RANDOM) % size)); [ "$i" = 1 ] && at=20; [ "$i" = 2 ] && at=100
    was=$(od -An -tu1 -j "$at" -N 1 "$store-wal" | tr -d ' ')
    printf "\\x$(printf %x $((was ^ (1 << (RANDOM % 8)))))" | dd of="$store-wal" bs=1 seek="$at" conv=notrunc 2>/dev/null
    what="byte $at of $size of the log"
    try
    [ $told = yes ] || wrong "nothing is said"
done
# What is no log at all is none: all that was in the file is there.
fresh sound; what="sound, a junk log"
junk_log
bounded runs list; [ $rc = 0 ] && cmp -s out want.list || wrong "the list of runs is another"
# The index of the log is made anew.
for how in "rm $dir/state/store.db-shm" "cp other.live/store.db-shm $dir/state/store.db-shm" "truncate -s 0 $dir/state/store.db-shm"; do
    fresh live; what="live, $how"
    $how
    bounded runs list; [ $rc = 0 ] && cmp -s out want.list || wrong "the list of runs is another"
    bounded store verify; [ $rc = 0 ] || wrong "verify exits $rc"
done

# A log that is taken away under a process that lives: nobody else writes meanwhile.
fresh sound; what="the log is taken away under a process"
"$TDEV" run long.yaml -q -i file="$dir/effects.live" >long.out 2>&1 &
pid=$!
until "$TDEV" runs list --json >list 2>err && [ "$(grep -c '"waits"' list)" = 2 ]; do kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat long.out)"; done
mv "$store-wal" kept-wal
say "$what" 4 "was taken away while process $pid (\"tdev\") has it open"
mv kept-wal "$store-wal"
bounded runs list; [ $rc = 0 ] || wrong "put back, it is refused: exit $rc"
new=$(grep -B99 '"waits"' list | sed -n 's/.*"id": "\([^"]*\)".*/\1/p' | head -1)
bounded runs signal "$new" go; [ $rc = 0 ] || wrong "the run does not take its signal: exit $rc"
wait $pid || wrong "the run did not end well: $(cat long.out)"

# --- what may not be written, or is not there ---
what="a folder that is not there"
TDEV_STORE_PATH=$dir/none/store.db bounded runs list; [ $rc = 1 ] || wrong "exit $rc"
says err "could not find the folder of store"; says err "make the folder"
what="a store that may only be read"
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups "$TDEV" plugin list 2>/dev/null | grep -q sqlite; then # not in /root
    fresh sound; chmod 755 "$dir"; chown -R 65534:65534 state; chmod 400 "$store"
    timeout -k 5 30 setpriv --reuid=65534 --regid=65534 --clear-groups "$TDEV" runs list >out 2>err; rc=$?
    [ $rc = 3 ] || wrong "exit $rc"
    says err "is read-only"; says err "let this user write to the store's file"
fi
shim=$TEST_BUILDDIR/tests/fault/.libs/io.so
if [ -e "$shim" ] && ! LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    what="no room for a store"
    export TDEV_PLUGINS_PRIVATE_DIR=$dir/plugins
    rm -rf state; mkdir state
    LD_PRELOAD=$shim IO_KILL_AT=1 IO_FULL=$dir/state bounded run quick.yaml -q -i text=x; [ $rc = 1 ] || wrong "exit $rc"
    says err "make room on the disk"
    bounded run quick.yaml -q -i text=x; [ $rc = 0 ] || wrong "with room again: exit $rc"
    what="no room in a store"
    fresh live
    LD_PRELOAD=$shim IO_KILL_AT=1 IO_FULL=$dir/state bounded run quick.yaml -q -i text=x; [ $rc = 1 ] || wrong "exit $rc"
    says err "make room on the disk"
    bounded runs list; [ $rc = 0 ] && cmp -s out want.list || wrong "with room again the list of runs is another"
fi
echo "ok - $flips bytes, $cuts lengths, and the rest: told, or as before"
