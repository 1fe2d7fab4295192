#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/kill: KILLS times the process is killed with SIGKILL at a random instant of a run of 50 steps, each of which appends a line to a
# file; then the run is resumed. No line is lost, none is there twice. The runs take turns: one of 50 steps whose agent can be asked what was
# done; one of 25 steps that append and then fail, so that each is undone by one more line; one of 50 steps of which a person is asked, and
# says what the file says.
#
#   TDEV=the program, STEPS_PLUGIN=the folder that holds the test plugin steps, KILLS=100, SEED=number
set -u
tdev=${TDEV:?the program to test}
plugins=${STEPS_PLUGIN:-${TEST_BUILDDIR:?the build folder}/tests/plugins-tree}
kills=${KILLS:-100}
RANDOM=${SEED:-$$}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export TDEV_STATE_DIR=$dir/state TDEV_PLUGINS_PATHS=$plugins TDEV_PLUGINS_INLINE=$plugins HOME=$dir XDG_CONFIG_HOME=$dir XDG_STATE_HOME=$dir
unset TDEV_CONFIG

# append LINE: the call that appends it.
append() { echo "agent: steps, action: append, inputs: {file: \"\${input.file}\", line: \"$1\"}"; }

# workflow ID STEPS LAST: STEPS steps, then the node LAST; those of the saga say how they are undone, of those of doubt a person is asked.
workflow() {
    echo "id: $1"
    echo "version: 1.0.0"
    echo "inputs: {type: object, required: [file]}"
    echo "nodes:"
    echo "  - {id: begin, type: start, next: [s1]}"
    for i in $(seq "$2"); do
        next=s$((i + 1)); [ "$i" = "$2" ] && next=$3
        more=
        case $1 in saga) more=", compensate: {$(append "u$i")}" ;; doubt) more=", in_doubt: ask" ;; esac
        echo "  - {id: s$i, type: task, $(append "s$i"), next: [$next]$more}"
    done
    echo "  - {id: fail, type: task, agent: steps, action: fail, inputs: {file: \"\${input.file}.none/x\", times: 0}, depends_on: s$2, next: [done]}"
    echo "  - {id: done, type: end, output: {}}"
}
workflow chain 50 done | grep -v "id: fail" >"$dir/chain.yaml"
workflow saga 25 fail >"$dir/saga.yaml"
workflow doubt 50 done | grep -v "id: fail" >"$dir/doubt.yaml"

fail() { echo "not ok - $*"; exit 1; }

# The lines of a finished run: every step once, in order; then, of a saga, what undoes them, in the other.
check() {
    cut -d' ' -f1 "$1" >"$dir/got"
    if [ "$3" = saga ]; then
        for i in $(seq 25); do echo "s$i"; done
        for i in $(seq 25 -1 1); do echo "u$i"; done
    else
        for i in $(seq 50); do echo "s$i"; done
    fi >"$dir/want"
    cmp -s "$dir/got" "$dir/want" || { diff "$dir/want" "$dir/got"; fail "run $2: steps were lost or doubled (seed ${SEED:-$$})"; }
}

# Runs a command for a random time of at most a quarter of a second, then kills it; 137: it was killed.
for_a_while() {
    { timeout -s KILL "0.$(printf %03d $((RANDOM % 250)))" "$@" >"$dir/out" 2>"$dir/err"; } 2>/dev/null
}

# Status and id of the newest run, "none" when there is none.
newest() {
    "$tdev" runs list -n 1 --json | sed -n 's/.*"\(id\|status\)": "\([^"]*\)".*/\1=\2/p' | sort | cut -d= -f2 | tr '\n' ' '
}

# What a person says of the step in doubt, having looked into the file: $say.
decide() {
    step=$("$tdev" runs show "$1" --json | sed -n 's/.*step \\"\([a-z0-9]*\)\\" .*may have taken effect.*/\1/p' | head -1)
    [ -n "$step" ] || fail "run $1 is in doubt, and does not say of which step"
    if grep -q "^$step " "$2"; then say=(--done "{\"line\":\"$step\"}"); else say=(--retry); fi
    doubts=$((doubts + 1))
}

flows=(chain saga doubt) ends=(0 1 0) ended=("done" failed "done")
done_runs=0 killed=0 resumes=0 doubts=0
while [ "$killed" -lt "$kills" ]; do
    file=$dir/lines-$done_runs
    : >"$file"
    before=$(newest)
    turn=$((done_runs % 3)) flow=${flows[$((done_runs % 3))]}
    for_a_while "$tdev" run "$dir/$flow.yaml" -q -i "file=$file"
    rc=$?
    while :; do
        # The system may take a moment to end the process, and with it the lock that says the run has an owner.
        for _ in $(seq 500); do read -r id status <<<"$(newest)"; [ "$status" = running ] || break; done
        if [ $rc -eq 137 ]; then
            killed=$((killed + 1))
            # Killed before the first commit: nothing was promised, and no step ran.
            if [ "$id $status " = "$before" ] || [ -z "$id" ]; then
                [ -s "$file" ] && fail "steps ran of a run that is not known"
                break
            fi
        fi
        # Killed after the end was durable: it counts as done.
        if [ "$status" = "${ended[$turn]}" ] && { [ $rc -eq "${ends[$turn]}" ] || [ $rc -eq 137 ]; }; then
            check "$file" "$done_runs" $flow
            break
        fi
        say=()
        case $rc.$status in
        137.orphaned) ;;
        137.in_doubt | 1.in_doubt) [ $flow = doubt ] || fail "run $id is in doubt, and its agent knows better"; decide "$id" "$file" ;;
        *) fail "run $id is $status, exit $rc: $(cat "$dir/err")" ;;
        esac
        resumes=$((resumes + 1))
        # By force: on a busy machine it may be killed three times before it comes any further.
        for_a_while "$tdev" runs resume "$id" -q --force "${say[@]}"
        rc=$?
    done
    done_runs=$((done_runs + 1))
done
for status in orphaned in_doubt parked; do
    left=$("$tdev" runs list --status $status --json | grep -c '"id"')
    [ "$left" = 0 ] || fail "$left runs are left behind, $status"
done
echo "ok - $killed kills, $resumes resumes, $done_runs runs, $doubts times in doubt: no step lost, none doubled"
