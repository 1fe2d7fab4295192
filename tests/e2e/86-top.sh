#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What plugins, agents and runs use is shown while they are at work: the processor apart from waits, calls, failures, retries, meters;
# also of a plugin in a process of its own. It goes with the process, also when that is killed.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
mkdir -p "$XDG_CONFIG_HOME/tdev/agents"
echo 'plugin: steps' >"$XDG_CONFIG_HOME/tdev/agents/busy.yaml"
cat >work.yaml <<YAML
id: work
budget: {cost: 100}
nodes:
  - {id: begin, type: start, next: [burn]}
  - {id: burn, type: task, agent: busy, action: burn, inputs: {ms: 300}, next: [nap]}
  - {id: nap, type: task, agent: steps, action: slow, inputs: {ms: 300}, next: [pay]}
  - {id: pay, type: task, agent: steps, action: spend, inputs: {amounts: {tokens: 7, cost: 0.25}}, next: [twice]}
  - {id: twice, type: task, agent: steps, action: fail, inputs: {file: $dir/tries, times: 1}, retry: {max_attempts: 3, initial: 1ms}, next: [wait]}
  - {id: wait, type: wait, signal: go, timeout: 1h, next: [done]}
  - {id: done, type: end}
YAML

# top_has TEXT: one look says so.
top_has() { "$TDEV" top --by agent --json >out 2>err && grep -qF -- "$1" out; }
until_top() { until top_has "$1"; do kill -0 $pid || fail "the run has ended before top said $1"; done; }
# number NAME KEY LIST: of the row with that name.
number() { python3 -c 'import json, sys; print(next((r[sys.argv[2]] for r in json.load(open("out"))[sys.argv[3]] if r["name"] == sys.argv[1]), 0))' "$@"; }
# between LOW VALUE HIGH WHAT
between() { python3 -c 'import sys; low, value, high = map(float, sys.argv[1:4]); sys.exit(not low <= value <= high)' "$1" "$2" "$3" || fail "$4 is $2, not $1 to $3"; }

want 0 "$TDEV" top --once; says out "no tdev has been at work"
"$TDEV" run work.yaml -q >run.out 2>&1 &
pid=$!
until_top '"retries": 1'
between 298 "$(number busy cpu_ms agents)" 330 "the processor's time of busy"
between 0 "$(number steps cpu_ms agents)" 100 "the processor's time of steps, which waits"
between 298 "$(number steps wall_ms agents)" 1000000 "the time on the wall of steps"
between 298 "$(number steps cpu_ms plugins)" 430 "the processor's time of the plugin"
between 298 "$(number work cpu_ms runs)" 430 "the processor's time of the run"
between 5 "$(number steps calls plugins)" 5 "the calls of the plugin"
between 4 "$(number steps calls agents)" 4 "the calls of steps"
between 1 "$(number steps failures plugins)" 1 "the failures of the plugin"
between 5 "$(number work calls runs)" 5 "the calls of the run"
says out '"tokens": 7'; says out '"cost": 0.25'; says out '"status": "running"'
want 0 "$TDEV" top --once; says out "tdev $pid; by cpu"; says out "tokens=7 cost=0.25"
want 0 "$TDEV" top --by run --sort calls; says out "work"; says out "; by calls"
want 2 "$TDEV" top --by colour; says err 'must be plugin, agent, run or tenant'
run=$("$TDEV" runs list -n 1 | cut -d' ' -f1)
want 0 "$TDEV" runs report "$run"; says out 'pay'; says out 'tokens=7  cost=0.25'

# The live table: q ends it, b and s change it.
if command -v script >/dev/null; then
    printf 'bsq' | script -qec "$TDEV top" /dev/null >screen 2>&1 || fail "top on a terminal exits $?"
    grep -qF 'CPU%' screen && grep -qF 'AGENT' screen && grep -qF 'by calls' screen || fail "no live table: $(cat screen)"
fi

# Tenants: of the command line, else of the workflow; runs within a run and nested calls are on the account of that run. It is kept with the run.
cat >inner.yaml <<YAML
id: inner
tenant: nobody
nodes:
  - {id: begin, type: start, next: [pay]}
  - {id: pay, type: task, agent: steps, action: spend, inputs: {amounts: {cost: 2}}, next: [done]}
  - {id: done, type: end}
YAML
cat >outer.yaml <<YAML
id: outer
tenant: globex
nodes:
  - {id: begin, type: start, next: [burn]}
  - {id: burn, type: task, agent: busy, action: burn, inputs: {ms: 50}, next: [sub]}
  - {id: sub, type: subworkflow, workflow: inner.yaml, next: [wait]}
  - {id: wait, type: wait, signal: go, timeout: 1h, next: [done]}
  - {id: done, type: end}
YAML
want 2 "$TDEV" run outer.yaml --tenant 'a b'; says err "--tenant must be at most 64 letters"
sed 's/globex/glo bex/' outer.yaml >wrong.yaml
want 3 "$TDEV" run wrong.yaml; says err 'wrong.yaml:2:9: "tenant" must be a text of at most 64 letters'
first=$pid
for tenant in acme globex; do
    given="--tenant acme"; [ $tenant = acme ] || given=
    "$TDEV" run outer.yaml -q $given >$tenant.out 2>&1 &
    pid=$!; eval "$tenant=\$pid"
    until_top "\"name\": \"$tenant\""
    until [ "$(number $tenant calls tenants)" = 2 ]; do top_has x; kill -0 $pid || fail "the run has ended: $(cat $tenant.out)"; done
    between 49 "$(number $tenant cpu_ms tenants)" 200 "the processor's time for $tenant"
    between 50 "$(number $tenant wall_ms tenants)" 1000000 "the time on the wall for $tenant"
done
[ "$(number nobody calls tenants)" = 0 ] || fail "a run within a run is on an account of its own"
want 0 "$TDEV" top --once --by tenant; says out "TENANT"; says out "acme"; says out "globex"; says out "cost=2"
run=$("$TDEV" runs list -n 20 --json | python3 -c 'import json, sys; print([r["id"] for r in json.load(sys.stdin) if r.get("tenant") == "acme" and r["name"] == "outer"][0])')
kill -9 $acme; wait $acme 2>/dev/null
"$TDEV" runs resume "$run" -q >acme.out 2>&1 &
acme=$!
until "$TDEV" runs list --json --status running | grep -q "$run"; do kill -0 $acme || fail "it is not resumed: $(cat acme.out)"; done
want 0 "$TDEV" runs signal "$run" go -q
wait $acme || fail "the resumed run exits $?: $(cat acme.out)"
want 0 "$TDEV" runs show "$run" --json; says out '"tenant": "acme"'
kill -9 $globex; wait $globex 2>/dev/null
pid=$first
run=$("$TDEV" runs list -n 100 --json | python3 -c 'import json, sys; print([r["id"] for r in json.load(sys.stdin) if r["name"] == "work"][0])')

# With its end it is told no more.
want 0 "$TDEV" runs signal "$run" go -q
wait $pid || fail "the run exits $?: $(cat run.out)"
want 0 "$TDEV" top --once; says out "no tdev has been at work"
[ -z "$(ls state/tdev/ledger)" ] || fail "a ledger is left: $(ls state/tdev/ledger)"

# Neither after a kill; in a process of its own a plugin's time is that of the process.
mkdir own && cp -r "$TDEV_PLUGINS_PATHS/steps" own/ || exit 99
sed 's/^isolation:.*/isolation: process/' "$TDEV_PLUGINS_PATHS/steps/plugin.yaml" >own/steps/plugin.yaml
rm -f tries
TDEV_PLUGINS_PATHS=$dir/own "$TDEV" run work.yaml -q >run.out 2>&1 &
pid=$!
until_top '"retries": 1'
until [ "$(number steps bytes plugins)" -gt 1000000 ]; do top_has steps; done
between 290 "$(number steps cpu_ms plugins)" 1000 "the processor's time of the isolated plugin"
kill -9 $pid; wait $pid 2>/dev/null
[ -n "$(ls state/tdev/ledger)" ] || fail "a killed process leaves no ledger"
pid=
want 0 "$TDEV" top --once; says out "no tdev has been at work"
[ -z "$(ls state/tdev/ledger)" ] || fail "a ledger is left: $(ls state/tdev/ledger)"
