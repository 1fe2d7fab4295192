#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/copy: a backup and a restore are killed at each thing they do to a file, one after the other; and the disk is full from there on. The
# backup that was there, and the store, are then the old or the new, whole: never a part, never neither.
#
#   TDEV=the program, IO_EVERY=N only every N-th (default 5), SEED=which of them first
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
shim=$TEST_BUILDDIR/tests/fault/.libs/io.so
every=${IO_EVERY:-5}
RANDOM=${SEED:-$$}
[ -e "$shim" ] || { echo "the library tests/fault/io is not built"; exit 77; }
if LD_PRELOAD=$shim "$TDEV" expr 1 2>&1 | grep -q "runtime does not come first"; then
    echo "a program with a sanitizer takes no other library before its own"; exit 77
fi
export TDEV_STATE_DIR=$dir/state
store=$dir/state/store.db

cat >run.yaml <<'YAML'
id: run
inputs: {type: object, required: [text]}
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: echo, action: echo, inputs: {text: "${input.text}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.say.output.text}"}
YAML
list() { "$TDEV" runs list >"$1" 2>err || fail "at $at: the runs cannot be listed"; }

# The store of the backup has three runs, the store of now five.
for i in 1 2 3; do want 0 "$TDEV" run run.yaml -q -i text=t$i; done
at=first; list then.list
want 0 "$TDEV" store backup then.db
for i in 4 5; do want 0 "$TDEV" run run.yaml -q -i text=t$i; done
list now.list
want 0 "$TDEV" store backup now.db

# sound FILE LIST: the file is a store in order, with those runs.
sound() {
    rm -rf look; mkdir look; cp "$1" look/store.db
    TDEV_STATE_DIR=$dir/look "$TDEV" store verify >out 2>err || fail "at $at: $1 is damaged"
    TDEV_STATE_DIR=$dir/look "$TDEV" runs list >look.list 2>err
    cmp -s look.list "$2"
}

# cut COMMAND...: with the fault at $at; $how is IO_TORN=1, IO_FULL=folder or empty.
cut() {
    # shellcheck disable=SC2086
    { env LD_PRELOAD="$shim" IO_KILL_AT="$at" $how "$TDEV" "$@" >out 2>err </dev/null; } 2>/dev/null
    rc=$?
    case $how in
    IO_FULL=*) [ $rc = 0 ] || { [ $rc = 1 ] && [ -s err ]; } || fail "at $at: a full disk: exit $rc" ;;
    *) [ $rc = 0 ] || [ $rc = 137 ] || fail "at $at: exit $rc" ;;
    esac
}

# Is this place one of those to be tried?
is_due() { [ $(((at + shift_by) % every)) = 0 ]; }

# A backup over an older one, while the store has runs.
backup() {
    rm -rf out.db*; cp then.db out.db
    cut store backup out.db --force
    if cmp -s out.db then.db; then
        [ $rc != 0 ] || fail "at $at: a backup was told, and is not there"
    else
        sound out.db now.list || fail "at $at: the new backup has other runs"
    fi
    want 0 "$TDEV" store backup out.db --force
    [ ! -e out.db.part ] || fail "at $at: something is left behind: $(ls out.db.part)"
    list got.list; cmp -s got.list now.list || fail "at $at: the store is another"
}

# A restore over a store that is in order.
restore() {
    rm -rf state/store.db*; cp now.db "$store"
    cut store restore then.db
    want 0 "$TDEV" store verify
    list got.list
    if cmp -s got.list then.list; then
        kept=$(ls "$store".before-*Z) || fail "at $at: what was there is gone"
        sound "$kept" now.list || fail "at $at: what was kept is something else"
    else
        cmp -s got.list now.list || fail "at $at: the store is neither the old nor the new"
        [ $rc != 0 ] || fail "at $at: a restore was told, and has not happened"
    fi
    want 0 "$TDEV" store restore then.db
    [ ! -e "$store.restore" ] || fail "at $at: something is left behind: $(ls "$store.restore")"
    list got.list; cmp -s got.list then.list || fail "at $at: the backup is not restored"
}

# A restore over what is no store any more: it is refused until it is one again.
mend() {
    rm -rf state/store.db*; echo "Dear store," >"$store"; cp now.db "$store-wal"
    cut store restore then.db
    if [ "$(head -c 4 "$store")" = Dear ]; then
        want 3 "$TDEV" runs list; says err "cannot be a store"
        want 0 "$TDEV" store restore then.db
    fi
    list got.list; cmp -s got.list then.list || fail "at $at: the backup is not restored"
    kept=$(ls "$store".before-*Z | head -1)
    [ "$(cat "$kept")" = "Dear store," ] || fail "at $at: what was there is not kept"
    cmp -s "$(ls "$store".before-*Z-wal | head -1)" now.db || fail "at $at: what was beside it is not kept"
}

tried=0
for what in backup restore mend; do
    total=0 at=0 how="IO_COUNT_FILE=$dir/count"
    $what
    total=$(cat count)
    [ "$total" -gt 15 ] || fail "$what: only $total things were done to files: they are not counted"
    for how in "" IO_TORN=1 "IO_FULL=$dir"; do
        shift_by=$((RANDOM % every))
        for at in $(seq "$total"); do is_due && { $what; tried=$((tried + 1)); }; done
    done
    echo "# $what: $total places"
done
echo "ok - cut off $tried times, always the old or the new"
