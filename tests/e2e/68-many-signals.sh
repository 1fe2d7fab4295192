#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A hundred processes signal one wait: it goes on once, with what one of them gave. The others are kept for a later wait, or told that the run
# is over; also when the run has no process, and each of them would take it over.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
many=${SIGNALS:-100}
cat >once.yaml <<'YAML'
id: once
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [go]}
  - {id: go, type: wait, signal: go, next: [note]}
  - {id: note, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: "n-${nodes.go.output.n}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.go.output.n}"}
YAML
sed 's/id: once/id: twice/; s/next: \[done\]}/next: [more]}\n  - {id: more, type: wait, signal: more, next: [done]}/' once.yaml >twice.yaml

# waiting WORKFLOW FILE: starts a run in the background, and returns when it waits; its process is $pid, its id $id.
waiting() {
    mkfifo "$2.said"
    "$TDEV" run "$1.yaml" -i file="$dir/$2" >"$2.out" 2>"$2.said" &
    pid=$!
    while read -r line; do
        case $line in *"waits: tdev runs signal "*) break ;; esac
    done <"$2.said"
    id=${line#*runs signal }
    id=${id% go}
}
# all FILE: signals from that many processes at once; returns when each was told something.
all() {
    local pids=()
    for i in $(seq "$many"); do
        { "$TDEV" runs signal "$id" go -q -i n="$i"; echo "rc $?"; } >"$1.$i.told" 2>&1 &
        pids+=($!)
    done
    wait "${pids[@]}"
}
# told FILE WORDS: how many were told that.
told() { grep -l -- "$2" "$1".*.told | wc -l; }
# once FILE: the step behind the wait was done once, for one who was told that it counts.
once() {
    [ "$(wc -l <"$1")" = 1 ] || fail "$1: the run went on $(wc -l <"$1") times"
    n=$(sed 's/^n-\([0-9]*\) .*/\1/' "$1")
    grep -q "^rc 0" "$1.$n.told" || fail "$1: the signal of $n counts, and was told: $(cat "$1.$n.told")"
}
trap '' PIPE

# A run that goes on waiting keeps the others for a later wait.
waiting twice a
all a
[ "$(told a "took the signal")" = "$many" ] || fail "a: not all were kept or taken: $(cat a.*.told | sort | uniq -c)"
once a
want 0 "$TDEV" runs signal "$id" more
wait $pid || fail "a: the run did not end well"
[ "$(cat a.out)" = "$n" ] || fail "a: the run has another signal than its step"

# A run that ends tells the others.
waiting once b
all b
wait $pid || fail "b: the run did not end well"
[ $(($(told b "took the signal") + $(told b "has ended: it is done"))) = "$many" ] || fail "b: not all were told: $(cat b.*.told | sort | uniq -c)"
once b

# A run without a process goes on in one of theirs.
waiting once c
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
all c
[ $(($(told c "took the signal") + $(told c "has ended: it is done") + $(told c '^[0-9][0-9]*$'))) = "$many" ] || fail "c: not all were told: $(cat c.*.told | sort | uniq -c)"
once c
want 0 "$TDEV" runs list --status "done"; says out "$id"
want 0 "$TDEV" store verify
echo "ok"
