#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# golden/resume: every store that a release wrote is read, and each of its runs that had not ended comes to what it should, with its steps done
# once.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
load=$TEST_BUILDDIR/tests/golden/load
[ -x "$load" ] || { echo "the program tests/golden/load is not built"; exit 77; }
export TDEV_STATE_DIR=$dir/state
count=0
for sql in "$TEST_SRCDIR"/tests/golden/*.sql; do
    name=$(basename "$sql" .sql)
    rm -rf state effects; mkdir -m 700 state
    (umask 077 && "$load" "$sql" state/store.db) || fail "$name: the store cannot be made"
    printf . >tries # what the agent of the run "retry" did before
    want 0 "$TDEV" store verify
    cut -d'|' -f1 "$TEST_SRCDIR/tests/golden/$name.want" | sort -u >ids
    want 0 "$TDEV" runs list -n 1000
    [ "$(grep -c "orphaned\|paused" out)" = $(($(wc -l <ids) + 1)) ] || fail "$name: not all runs are there"
    while IFS='|' read -r id run code output words; do
        # shellcheck disable=SC2086
        set -- $words
        verb=$1; shift
        "$TDEV" runs "$verb" "$id" -q "$@" >out 2>err </dev/null; rc=$?
        [ $rc = "$code" ] || fail "$name: run $run, $words: exit $rc, not $code"
        if [ "$verb" = approve ]; then "$TDEV" runs show "$id" --json | sed -n '/"ended"/,$p' >out; grep -q "\"result\": $output" out || fail "$name: run $run has not $output"
        elif [ "$output" != - ]; then [ "$(tr -d ' \n' <out)" = "$output" ] || fail "$name: run $run comes to $(cat out), not $output"; fi
        count=$((count + 1))
    done <"$TEST_SRCDIR/tests/golden/$name.want"
    want 0 "$TDEV" runs list --status orphaned; says out "no runs"
    want 0 "$TDEV" runs list --status "done"
    while read -r id; do grep -q "$id" out || echo "$id"; done <ids >left
    [ "$(wc -l <left)" = 1 ] || fail "$name: these are not done: $(cat left)" # the one that is undone
    cut -d' ' -f1 effects | sort >got
    grep '|0|' "$TEST_SRCDIR/tests/golden/$name.want" | cut -d'|' -f2 | sort >wanted
    cmp -s got wanted || { diff wanted got; fail "$name: steps were lost or doubled"; }
    want 0 "$TDEV" store verify
done
[ "$count" -gt 0 ] || fail "there is no store of a release"
echo "ok - $count steps"
