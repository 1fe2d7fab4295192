#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A subworkflow of a range of versions, and one that goes on by itself; whose calls come first can be said and seen.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >inner.yaml <<'YAML'
id: inner
version: 1.4.0
nodes:
  - {id: begin, type: start, next: [w]}
  - {id: w, type: wait, signal: ok, next: [e]}
  - {id: e, type: end, output: "${nodes.w.output.by}"}
YAML
outer() { # KEYS of the node
    cat >outer.yaml <<YAML
id: outer
nodes:
  - {id: begin, type: start, next: [s]}
  - {id: s, type: subworkflow, workflow: inner.yaml, $1, next: [e]}
  - {id: e, type: end, output: "\${nodes.s.output}"}
YAML
}
field() { sed -n "s/.*\"$1\": \"\(.*\)\".*/\1/p" out; }

outer 'version: ^2'
want 3 "$TDEV" run outer.yaml; says err 'workflow "inner" has version 1.4.0, ^2 is wanted'
outer 'version: two'
want 3 "$TDEV" workflow validate outer.yaml; says err 'outer.yaml:4:'
outer 'async: true, timeout: 5s'
want 3 "$TDEV" workflow validate outer.yaml; says err 'it has neither "timeout" nor "compensate"'

# It is done as soon as the other has begun; that one waits on, and is resumed by itself.
outer 'version: ^1.2, async: true'
want 0 "$TDEV" run outer.yaml --priority high
child=$(field run)
want 0 "$TDEV" runs list --name outer; says out done
want 0 "$TDEV" runs show "$child"; says out "inner"; says out "orphaned"; says out "from "
want 0 "$TDEV" runs signal "$child" ok -i by=Kim -q
[ "$(cat out)" = '"Kim"' ] || fail "the run that went on by itself did not end well"
want 0 "$TDEV" runs list --name inner; [ "$(wc -l <out)" = 1 ] || fail "it was begun more than once"

# What runs itself each time is refused; what does so some way round is told once, and which way.
nested() { # FILE CALLS EDGES
    cat >"$1.yaml" <<YAML
id: $1
nodes:
  - {id: begin, type: start, next: [d]}
  - {id: d, type: decision, next: [$3]}
  - {id: s, type: subworkflow, workflow: ./$2.yaml, inputs: {n: "\${has(input.n) ? input.n - 1 : 0}"}, next: [e]}
  - {id: e, type: end, output: deep}
YAML
}
nested itself itself s
want 3 "$TDEV" workflow validate itself.yaml; says err 'itself.yaml:5:5: node "s" runs its own workflow, "itself", each time'
nested itself itself '{to: s, when: "input.n > 0"}, {to: e, otherwise: true}'
want 0 "$TDEV" run itself.yaml -i n=3 -q; says out deep
nested one two s; nested two one s
want 3 "$TDEV" run one.yaml -q
says err 'tdev: node "s": runs nest more than 16 deep: one -> two -> one'

want 0 "$TDEV" runs list --name outer --status done --json; outer=$(field id)
want 0 "$TDEV" runs show "$outer"; says out "priority  high"
want 2 "$TDEV" run outer.yaml --priority urgent; says err "--priority must be critical, high, normal or low"
sed -i 's/^id: outer/id: outer\npriority: urgnt/' outer.yaml
want 3 "$TDEV" workflow validate outer.yaml; says err 'outer.yaml:2:11: "priority" must be critical, high, normal or low'
echo "ok"
