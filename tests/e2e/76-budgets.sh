#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What does not fit into the budget of a run does not begin: at once, in children, after a kill. A run that pauses for it goes on with more.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
attempts() { if [ -e "$1" ]; then wc -c <"$1"; else echo 0; fi; }
cat >many.yaml <<YAML
id: many
budget: {tokens: 50}
nodes:
  - {id: begin, type: start, next: [each]}
  - id: each
    type: map
    over: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    max_failures: 90%
    body: [{id: ask, type: task, agent: steps, action: spend, inputs: {amounts: {tokens: 9, cost: 0.05}, file: $dir/many, ms: 20}}]
    next: [done]
  - {id: done, type: end}
YAML
want 0 "$TDEV" plugin info steps --json; says out '"uses"'
want 0 "$TDEV" run many.yaml -q
[ "$(attempts many)" = 5 ] || fail "$(attempts many) attempts began, not 5"
many=$("$TDEV" runs list -n 1 | cut -d' ' -f1)
want 0 "$TDEV" runs show "$many"; says out "budget    tokens 45 of 50, calls 5, cost 0.25"
says out 'budget "tokens" of the run is used up: '; says out ", the step needs up to 10"
want 0 "$TDEV" runs list --json; says out '"tokens": 45'
want 0 "$TDEV" runs report "$many"; says out "tokens 45 of 50"
want 0 "$TDEV" runs report "$many" --json; says out '"spent"'

# One at a time: each that is refused lets the next one try.
rm -f many
sed 's/^budget/max_parallel: 1\nbudget/' many.yaml >slow.yaml
want 0 "$TDEV" run slow.yaml -q
[ "$(attempts many)" = 5 ] || fail "$(attempts many) attempts began one by one, not 5"

# The same of plugins that run in threads, and in a process of their own.
mkdir own && cp -r "$TDEV_PLUGINS_PATHS/steps" own/ || exit 99
sed 's/, file: [^,]*,/,/' many.yaml >apart.yaml
for how in "execution: blocking" "isolation: process"; do
    sed "s/^${how%%:*}:.*/$how/" "$TDEV_PLUGINS_PATHS/steps/plugin.yaml" >own/steps/plugin.yaml
    TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own want 0 "$TDEV" run apart.yaml -q
    want 0 "$TDEV" runs show "$("$TDEV" runs list -n 1 | cut -d' ' -f1)"
    says out "budget    tokens 45 of 50, calls 5, cost 0.25"
done

# Less for one run, not more; and nothing that is no budget.
rm -f many
want 0 "$TDEV" run many.yaml -q --budget tokens=29,calls=9 --budget cost=1
[ "$(attempts many)" = 2 ] || fail "$(attempts many) attempts began, not 2"
want 3 "$TDEV" run many.yaml -q --budget tokens=51; says err 'budget "tokens" of a run cannot be 51: "many" allows 50'
want 2 "$TDEV" run many.yaml --budget tokens; says err '"tokens" is no meter and its limit, such as cost=2.5'
want 2 "$TDEV" run many.yaml --budget tokens=-1; says err '"tokens=-1" is no meter'
want 2 "$TDEV" runs resume --budget cost=1; says err "--budget is of one run: name it"
sed 's/^budget.*/budget: {tokens: 50, on_exhausted: stop}/' many.yaml >broken.yaml
want 3 "$TDEV" workflow validate broken.yaml; says err 'broken.yaml:2:36: "on_exhausted" of "budget" must be fail or pause'

# A child counts for its parent. A run that pauses says why, and goes on in its process with more.
cat >child.yaml <<YAML
id: child
nodes:
  - {id: begin, type: start, next: [one]}
  - {id: one, type: task, agent: steps, action: spend, inputs: {amounts: {cost: 0.04}, file: $dir/child}, next: [two]}
  - {id: two, type: task, agent: steps, action: spend, inputs: {amounts: {cost: 0.04}, file: $dir/child}, next: [done]}
  - {id: done, type: end}
YAML
cat >parent.yaml <<YAML
id: parent
budget: {cost: 0.16, on_exhausted: pause}
nodes:
  - {id: begin, type: start, next: [first]}
  - {id: first, type: subworkflow, workflow: ./child.yaml, next: [second]}
  - {id: second, type: task, agent: steps, action: append, inputs: {file: $dir/lines, line: x}, next: [third]}
  - {id: third, type: subworkflow, workflow: ./child.yaml, next: [done]}
  - {id: done, type: end, output: fine}
YAML
mkfifo said
"$TDEV" run parent.yaml >out.parent 2>said &
pid=$!
exec 3<said
while read -r line <&3; do case $line in *"--budget cost=AMOUNT"*) break ;; esac; done
id=${line#*runs resume }; id=${id%% *}
want 0 "$TDEV" runs show "$id"; says out "paused"; says out "budget    cost 0.08 of 0.16"
says out 'budget "cost" of the run is used up: 0.08 of 0.16 are spent, 0 reserved, the step needs up to 0.1'
want 3 "$TDEV" runs resume "$id" --budget cots=1; says err 'the run has no meter "cots", did you mean "cost"'
want 0 "$TDEV" runs resume "$id" --budget cost=1; says out "goes on"
cat <&3 >/dev/null; exec 3<&-
wait $pid || fail "the run that was given more did not get to its end"
says out.parent fine
[ "$(attempts child)" = 4 ] || fail "$(attempts child) attempts of the children, not 4"
want 0 "$TDEV" runs show "$id"; says out "cost 0.16 of 1"; says out "calls 5"

# Killed while it is paused: what was held up has never begun, so nobody is asked about it.
rm -f lines child
sed -i 's/cost: 0.16/calls: 2/' parent.yaml
"$TDEV" run parent.yaml >out.parent 2>said &
pid=$!
exec 3<said
while read -r line <&3; do case $line in *"--budget calls=AMOUNT"*) break ;; esac; done
id=${line#*runs resume }; id=${id%% *}
until "$TDEV" runs list --status paused | grep -q "$id"; do :; done
kill -9 $pid; wait $pid 2>/dev/null; exec 3<&-
want 0 "$TDEV" runs show "$id"; says out 'budget "calls" of the run is used up: 2 of 2'
want 0 "$TDEV" runs resume "$id" -q --budget calls=5; says out fine
[ "$(grep -c x lines)" = 1 ] || fail "the step that was held up was done $(grep -c x lines) times"

# Killed in the middle, again and again: never more than the budget.
cat >chain.yaml <<YAML
id: chain
budget: {calls: 5}
nodes:
  - {id: begin, type: start, next: [loop]}
  - id: loop
    type: loop
    times: 9
    body: [{id: ask, type: task, agent: steps, action: spend, inputs: {amounts: {}, file: $dir/chain, ms: 100}}]
    next: [done]
  - {id: done, type: end}
YAML
"$TDEV" run chain.yaml -q >out.chain 2>&1 &
pid=$!
until [ "$(attempts chain)" -ge 2 ]; do :; done
kill -9 $pid; wait $pid 2>/dev/null
id=$("$TDEV" runs list -n 1 | cut -d' ' -f1)
"$TDEV" runs resume "$id" -q >out.chain 2>&1 &
pid=$!
until [ "$(attempts chain)" -ge 3 ]; do :; done
kill -9 $pid; wait $pid 2>/dev/null
want 3 "$TDEV" runs resume "$id" -q; says err 'budget "calls" of the run is used up: 5 of 5'
[ "$(attempts chain)" = 5 ] || fail "$(attempts chain) attempts began, not 5"
want 0 "$TDEV" runs show "$id"; says out "cut off"; says out "calls 5 of 5"
# What was done is taken over by the new run, with what it used; it is given more.
want 0 "$TDEV" runs retry "$id" -q --budget calls=20
