#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run is paused, and goes on where its process lives or in the next one; people approve and reject, once.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
me=$(id -un)
cat >pay.yaml <<'YAML'
id: pay
inputs: {type: object, required: [file, by]}
nodes:
  - {id: begin, type: start, next: [ask]}
  - {id: ask, type: wait, approval: {text: "Pay ${input.file}?", by: "${input.by}"}, timeout: 1h, next: [note]}
  - {id: note, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: "${nodes.ask.output.comment}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.ask.output.by}"}
YAML

# asking FILE BY: starts a run in the background, and returns when it asks; its process is $pid, its id $id.
asking() {
    mkfifo "$1.said"
    "$TDEV" run pay.yaml -i file="$1" -i by="$2" >"$1.out" 2>"$1.said" &
    pid=$!
    while read -r line; do
        case $line in *"tdev runs approve "*) break ;; esac
    done <"$1.said"
    id=${line#*runs approve }
    id=${id% ask}
}
orphaned() { kill -9 $pid; wait $pid 2>/dev/null; until "$TDEV" runs list --status "$1" --json | grep -q "$id"; do :; done; }
status() { "$TDEV" runs show "$id" --json | grep -o '"status": "[a-z]*"' | cut -d'"' -f4; }

trap '' PIPE
asking a "[\"$me\"]"
want 0 "$TDEV" runs waiting; says out "$id"; says out "Pay a?  by $me"
want 3 "$TDEV" runs approve "$id" begin; says err 'does not ask anything at step "begin"'
want 0 "$TDEV" runs approve "$id" -m fine; says out "approved"
wait $pid || fail "the run that was approved did not end well"
[ "$(cat a.out)" = "\"$me\"" ] && grep -q '^fine ' a || fail "the run does not know who said yes, and why"
want 3 "$TDEV" runs approve "$id"; says err "does not ask anything: it is done"
want 0 "$TDEV" runs waiting; says out "no run waits"

asking b '["nobody-we-know"]'
want 3 "$TDEV" runs approve "$id"; says err "$me is none of those who may answer"
orphaned orphaned
want 3 "$TDEV" runs approve "$id"; says err "none of those who may answer"
want 0 "$TDEV" runs cancel "$id"

asking c "[\"@$(id -gn)\"]"
orphaned orphaned
want 0 "$TDEV" runs reject "$id" -m "too much"; says out "rejected"
[ "$(status)" = failed ] || fail "a run that was rejected goes on"
want 0 "$TDEV" runs show "$id"; says out 'node "ask": rejected by '; says out "too much"
[ ! -e c ] || fail "what was rejected was done"

# A hundred at once: one counts, the others hear that it did not.
asking d "[\"$me\"]"
for i in $(seq 100); do
    "$TDEV" runs approve "$id" -m "$i" >"d.$i" 2>&1 && echo "$i" >>d.won &
    pids="${pids:-} $!"
done
wait $pids
wait $pid || fail "the run that a hundred approved did not end well"
[ "$(wc -l <d.won)" = 1 ] || fail "$(wc -l <d.won) of 100 answers count"
[ "$(wc -l <d)" = 1 ] && grep -q "^$(cat d.won) " d || fail "the answer that counts is not the one that was told so"

# Paused here, gone on here.
asking e "[\"$me\"]"
want 0 "$TDEV" runs pause "$id"; says out "is paused"
want 0 "$TDEV" runs approve "$id" -m e
[ "$(status)" = paused ] && [ ! -e e ] || fail "a paused run went on"
want 0 "$TDEV" runs resume "$id"; says out "goes on"
wait $pid || fail "the run that went on did not end well"
[ "$(wc -l <e)" = 1 ] || fail "the step was not done once"

# Paused here, gone on in the next process, and only when it is named.
asking f "[\"$me\"]"
want 0 "$TDEV" runs pause "$id"
want 0 "$TDEV" runs approve "$id" -m f
orphaned paused
want 0 "$TDEV" runs resume
[ "$(status)" = paused ] && [ ! -e f ] || fail "a paused run went on unasked"
want 1 "$TDEV" runs pause "$id"; says err "nothing of it is under way"
want 0 "$TDEV" runs resume "$id"
[ "$(wc -l <f)" = 1 ] && [ "$(status)" = done ] || fail "the run did not go on"

# Cancel is patient with what can be undone, and not for ever; what was given up is named, the rest is undone.
cat >long.yaml <<'YAML'
id: long
inputs: {type: object, required: [file]}
nodes:
  - {id: begin, type: start, next: [a]}
  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: a}, compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: un-a}}, next: [b]}
  - {id: b, type: task, agent: steps, action: slow, inputs: {ms: 3600000}, timeout: 2h, compensate: {agent: steps, action: pure, inputs: {n: 1}}, next: [e]}
  - {id: e, type: end}
YAML
: >told
"$TDEV" run long.yaml -i file="$dir/undone" >out 2>told & long=$!
until "$TDEV" runs list --name long --json | grep -q '"running"' && [ -s undone ]; do kill -0 $long || fail "the run did not begin: $(cat told)"; done
id=$("$TDEV" runs list --name long --json | sed -n 's/.*"id": "\(.*\)".*/\1/p')
want 2 "$TDEV" runs cancel "$id" --within soon; says err "--within: soon is no length of time"
want 0 "$TDEV" runs cancel "$id" # it waits for the call
want 0 "$TDEV" runs list --name long; says out running
want 0 "$TDEV" runs cancel "$id" --within 1ms
wait $long && fail "a run that was cancelled is told as done"
want 0 "$TDEV" runs show "$id"; says out "cancelled"; says out 'node "b": it was not at its end 0.001 s after it was stopped, and may have taken effect'
[ "$(cut -d' ' -f1 undone | tr '\n' ' ')" = "a un-a " ] || fail "undone was: $(cat undone)"
echo "ok"
