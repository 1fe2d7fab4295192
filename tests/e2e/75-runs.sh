#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs are listed in pages, by name and by time. Those that have ended are taken away when that is asked for; what is under way stays, with the
# runs it asked for.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >one.yaml <<'YAML'
id: one
inputs: {type: object, required: [n]}
nodes:
  - {id: begin, type: start, next: [work]}
  - {id: work, type: task, agent: steps, action: pure, inputs: {n: "${input.n}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.work.output.n}"}
YAML
cat >parent.yaml <<'YAML'
id: parent
nodes:
  - {id: begin, type: start, next: [child]}
  - {id: child, type: subworkflow, workflow: ./one.yaml, inputs: {n: 1}, next: [ok]}
  - {id: ok, type: wait, signal: ok, next: [done]}
  - {id: done, type: end, output: "${nodes.child.output}"}
YAML
count() { "$TDEV" runs list --json | grep -c '"id"'; }

for n in 1 2 3 4 5; do want 0 "$TDEV" run one.yaml -q -i n=$n; done
want 3 "$TDEV" run one.yaml -q -i n=x
newest=$("$TDEV" runs list -n 1 | cut -d' ' -f1)
# Lists in pages, by name and by time.
third=$("$TDEV" runs list -n 3 | tail -1 | cut -d' ' -f1)
want 0 "$TDEV" runs list --before "$third" --json
[ "$(grep -c '"id"' out)" = 3 ] || fail "the next page is not the rest"
grep -q "$third" out && fail "the next page begins with the last of this one"
want 0 "$TDEV" runs list --name one --since 1h --json; [ "$(grep -c '"id"' out)" = 6 ] || fail "not all runs of \"one\""
want 0 "$TDEV" runs list --name two; says out "no runs"
want 0 "$TDEV" runs list --since 2999-01-01T00:00:00Z; says out "no runs"
want 2 "$TDEV" runs list --since soon; says err "--since"

want 0 "$TDEV" runs prune; says out "0 runs were taken away"
want 0 "$TDEV" runs prune --older 0s --dry-run; says out "6 runs would be taken away"
[ "$(count)" = 6 ] || fail "a dry run took something away"
want 0 "$TDEV" runs prune --older 0s --status failed; says out "1 runs were"
want 3 "$TDEV" runs show "$newest" --json
want 0 "$TDEV" runs prune --older 0s --keep 2 --json; says out '"runs": 3'
[ "$(count)" = 2 ] || fail "not the newest two are left"
want 2 "$TDEV" runs prune --older soon; says err "--older"
want 2 "$TDEV" runs prune --status running; says err "--status"

mkfifo said
"$TDEV" run parent.yaml >out.parent 2>said &
pid=$!
while read -r line; do case $line in *"waits: tdev runs signal "*) break ;; esac; done <said
id=${line#*runs signal }; id=${id% ok}
want 0 "$TDEV" runs prune --older 0s; says out "2 runs were"
[ "$(count)" = 2 ] || fail "the child of a run under way was taken away"
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
want 0 "$TDEV" runs signal "$id" ok -q
[ "$(cat out)" = 2 ] || fail "the run did not go on"
want 0 "$TDEV" runs prune --older 0s; says out "2 runs were"
want 0 "$TDEV" runs list; says out "no runs"
want 0 "$TDEV" store verify
echo "ok"
