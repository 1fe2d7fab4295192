#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs that have ended go when they are due: by how they ended, by what their workflow says, by number; those with the tag "keep" and those an
# open run asked for stay. Definitions go with their last run, copies of plugins when nobody has opened them for long. tdevd does it by itself.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
mkdir -p conf/workflows
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT

# flow ID HEAD: a workflow that fails when n is not a number.
flow() {
    cat >"$1.yaml" <<YAML
id: $1
$2
nodes:
  - {id: begin, type: start, next: [work]}
  - {id: work, type: task, agent: steps, action: pure, inputs: {n: "\${input.n}"}, next: [done]}
  - {id: done, type: end, output: "\${nodes.work.output.n}"}
YAML
}
conf() { printf 'log: {level: info}\nruns: {%s}\n' "$1" >conf/tdevd.yaml; }
count() { "$TDEV" runs list --json | grep -c '"id"'; }
is_left() { [ "$(count)" = "$1" ] || fail "$2: $(count) runs are left, not $1"; }

flow one ''
flow brief 'retention: {done: 0s, failed: 0s, keep: 1}'
flow ever 'retention: {done: 36500d}'
echo '' >conf/tdevd.yaml
for n in 1 2 3; do
    want 0 "$TDEV" run one.yaml -q -i n=$n
    want 0 "$TDEV" run brief.yaml -q -i n=$n
done
want 3 "$TDEV" run one.yaml -q -i n=x
want 0 "$TDEV" run one.yaml -q -i n=7 --tag keep
want 0 "$TDEV" run ever.yaml -q -i n=1

# --- by hand ---
want 0 "$TDEV" runs prune --dry-run; says out "2 runs would be taken away"; says out "brief"
is_left 9 "after a dry run"
want 0 "$TDEV" runs prune; says out "2 runs were taken away"; is_left 7 "of \"brief\" only one stays"
conf 'keep_done: 0s, keep: 4'
want 0 "$TDEV" runs prune --dry-run; says out "1 runs would be"
conf 'keep_done: 0s'
want 0 "$TDEV" runs prune --dry-run --json; says out '"done": 3'; says out '"definitions": 0'
want 0 "$TDEV" runs prune; says out "3 runs were taken away"; says out "one"
is_left 4 "done ones are due"
"$TDEV" runs list --status failed --json | grep -q '"id"' || fail "the failed run went with those that are done"
"$TDEV" runs list --tag keep --json | grep -q '"id"' || fail "the run with the tag \"keep\" went"
want 3 "$TDEV" runs retry "$("$TDEV" runs list --status failed | cut -d" " -f1)" # its definition is there: it fails as before

# --- definitions go with the last run, and come back with the next ---
want 0 "$TDEV" runs prune --older 0s --status "done"; says out "3 runs were"; says out "2 definitions"
is_left 2 "of \"one\" the failed ones"
want 0 "$TDEV" run brief.yaml -q -i n=1
want 0 "$TDEV" runs export "$("$TDEV" runs list --name brief | cut -d' ' -f1)" -o run.json
want 0 "$TDEV" runs prune --older 0s; says out "3 runs were"; says out "2 definitions"
is_left 0 "all are due"
want 0 "$TDEV" runs import run.json; is_left 1 "what was imported"
want 0 "$TDEV" runs prune --older 0s; says out "1 runs were"; says out "1 definitions"

# --- what a run followed before it went over stays with it ---
cat >v1.yaml <<'YAML'
id: over
version: 1.0.0
nodes:
  - {id: begin, type: start, next: [ok]}
  - {id: ok, type: wait, signal: ok, next: [done]}
  - {id: done, type: end, output: 1}
YAML
sed 's/1.0.0/2.0.0/; s/output: 1/output: 2/' v1.yaml >v2.yaml
# begin FILE: in the background; its waiting run is in id, its process in waits.
begin() {
    rm -f heard; mkfifo heard
    "$TDEV" run "$1" >out.begun 2>heard &
    waits=$!
    while read -r line; do case $line in *"waits: tdev runs signal "*) break ;; esac; done <heard
    id=${line#*runs signal }; id=${id% ok}
}
conf 'keep_done: 1h'
begin v1.yaml
want 0 "$TDEV" runs move "$id" --to v2.yaml
want 0 "$TDEV" runs signal "$id" ok -q
wait $waits
want 0 "$TDEV" runs prune; says out "0 runs"
grep -q "definitions" out && fail "a definition went that the run followed before"
want 0 "$TDEV" runs show "$id" --at 1; says out "ok (wait)"
want 0 "$TDEV" runs prune --older 0s; says out "1 runs were"; says out "2 definitions"

# --- by tdevd: at its start, and when it reads its configuration again ---
conf 'keep_done: 0s'
cat >parent.yaml <<'YAML'
id: parent
nodes:
  - {id: begin, type: start, next: [child]}
  - {id: child, type: subworkflow, workflow: ./one.yaml, inputs: {n: 1}, next: [ok]}
  - {id: ok, type: wait, signal: ok, next: [done]}
  - {id: done, type: end, output: "${nodes.child.output}"}
YAML
begin parent.yaml
parent=$waits
for n in $(seq 5); do want 0 "$TDEV" run one.yaml -q -i n="$n"; done
for copy in state/plugins/*.so; do cmp -s "$copy" "$TDEV_PLUGINS_PATHS/steps/steps.so" && break; done # not the store's, which tdevd opens
touch -d '40 days ago' "$copy"

mkfifo said
"$tdevd" 2>said & pid=$!
exec 7<said
# until_said TEXT: reads what tdevd says up to there.
until_said() {
    while read -r line <&7; do echo "$line" >>log; case $line in *"$1"*) return ;; esac; done
    fail "tdevd ended without \"$1\": $(cat log)"
}
until_said "copies of plugins"
[ -e "$copy" ] && fail "a copy that nobody opened for 40 days is there"
grep "took away runs" log | grep -q "runs=5" || fail "tdevd does not say that it took away 5 runs: $(cat log)"
is_left 2 "the open run and what it asked for"
want 0 "$TDEV" runs signal "$id" ok -q
wait $parent || fail "the open run did not end well"
kill -HUP $pid
until_said "took away runs"
tail -1 log | grep -q "runs=2" || fail "not both runs went: $(cat log)"
tail -1 log | grep -q "definitions=2" || fail "not both definitions went: $(cat log)"
is_left 0 "all are due"
kill -TERM $pid; wait $pid || fail "tdevd exits $? on SIGTERM"
pid=
want 0 "$TDEV" run one.yaml -q -i n=1 # its copy is made anew
want 0 "$TDEV" store verify
echo "ok"
