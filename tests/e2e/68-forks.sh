#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run is looked at as it was; a new one goes on from there; a step that failed is done again, and the others are not.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >two.yaml <<'YAML'
id: two
tags: [shop]
inputs: {type: object, required: [file]}
variables: {seen: none}
nodes:
  - {id: begin, type: start, next: [a, b]}
  - {id: a, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: a}, outputs: {seen: "${result.line}"}, next: [c]}
  - {id: b, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: b}, next: [j]}
  - {id: c, type: task, agent: steps, action: fail, inputs: {file: "${input.file}.n", times: 1}, retry: {max_attempts: 1}, on_error: fail, next: [j]}
  - {id: j, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: j}, next: [e]}
  - {id: e, type: end, output: "${nodes.c.output.attempts}"}
YAML
newest() { "$TDEV" runs list -n 1 --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'; }
lines() { cut -d' ' -f1 "$1" | sort | tr '\n' ' '; }

want 1 "$TDEV" run two.yaml -i file="$dir/f" --tag blue
first=$(newest)
want 0 "$TDEV" runs show "$first" --at 1; says out '"seen": "none"'; says out '"step": "a"'
want 0 "$TDEV" runs show "$first" --at 4; says out '"seen": "a"'
want 3 "$TDEV" runs show "$first" --at 5; says err "has ended with event 5: nothing follows it"
want 3 "$TDEV" runs show "$first" --at 6; says err "has 5 events, not 6"
want 2 "$TDEV" runs show "$first" --at x; says err "--at must be a whole number from 1 to "

# The step that failed, and what follows it: once, and the rest not again.
want 0 "$TDEV" runs retry "$first"; [ "$(cat out)" = 2 ] || fail "the step was not done again"
[ "$(lines f)" = "a b j " ] || fail "done in all: $(lines f)"
second=$(newest)
want 0 "$TDEV" runs show "$second"; says out "from      $first"
want 0 "$TDEV" runs show "$first"; says out "failed"

# An earlier one: what rests on it is done again, with the keys it had.
want 0 "$TDEV" runs retry "$first" --from a
[ "$(lines f)" = "a a b j j " ] || fail "done in all: $(lines f)"
[ "$(grep -c "^a $first/a/" f)" = 2 ] || fail "the step has another key when it is done again"
want 3 "$TDEV" runs retry "$first" --from nothing; says err 'never came to a step "nothing"'

# A fork does everything anew that came later, under keys of its own.
rm f; want 0 "$TDEV" runs fork "$first" --at 1
[ "$(lines f)" = "a b j " ] || fail "done by the fork: $(lines f)"
grep -q "$first" f && fail "a fork uses the keys of the old run"
want 2 "$TDEV" runs fork "$first"; says err "--at"
want 0 "$TDEV" runs fork "$second" --at 1; [ "$(lines f)" = "a b j j " ] || fail "a fork of a retry: $(lines f)"

# By their tags.
want 0 "$TDEV" runs list --tag blue; grep -q "$first" out && [ "$(wc -l <out)" -ge 5 ] || fail "the runs of a tag, and what was made of them"
want 0 "$TDEV" runs list --tag shop; says out "$first"
want 0 "$TDEV" runs list --tag red; says out "no runs"
want 2 "$TDEV" run two.yaml -i file="$dir/g" --tag "a b"; says err '--tag must be one word'

# What was undone is not gone on with.
sed 's/on_error: fail/compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: none}}/; s/inputs: {file: "${input.file}", line: a}/&, compensate: {agent: steps, action: append, inputs: {file: "${input.file}", line: una}}/; s/^id: two/id: undo/' two.yaml >undo.yaml
want 1 "$TDEV" run undo.yaml -i file="$dir/u"
want 1 "$TDEV" runs retry "$(newest)"; says err "was undone"
echo "ok"
