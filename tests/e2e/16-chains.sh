#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Chains: links, strategies, middleware, recovery and streams; errors have the chain's own places; optimize keeps what a chain gives.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
examples=$TEST_SRCDIR/conf/workflows/examples
flat() { tr -d ' \n' <out >flat; }
lines() { cut -d' ' -f1 "$1" | tr '\n' ' '; }

want 0 "$TDEV" workflow validate "$examples/chain.yaml" "$examples/stream.yaml"
want 0 "$TDEV" run "$examples/chain.yaml" -q -i text=hello -i loud=true; flat
says flat '"output":"hello,andwelcome!(tdev)"'; says flat '{"link":"shout","success":true'
want 0 "$TDEV" run "$examples/chain.yaml" -q -i text=hello; flat
says flat '"output":"hello,andwelcome(tdev)"'; says flat '{"link":"shout","skipped":true,"reason":"conditionnotmet"}'
want 0 "$TDEV" run "$examples/stream.yaml" -q -i 'texts=["one","two"]'; flat; says flat '["0:<one>","1:<two>"]'
want 0 "$TDEV" workflow graph "$examples/chain.yaml"; says out 'shout__if'
want 0 "$TDEV" workflow show "$examples/chain.yaml"; says out 'nodes.greet.output'
want 0 "$TDEV" workflow convert "$examples/chain.yaml" --to flow -o chain.flow
want 0 "$TDEV" run chain.flow -q -i text=hello; flat; says flat '"output":"hello,andwelcome(tdev)"'

cat >bad.yaml <<'YAML'
kind: Chain
id: bad
links:
  - {id: first, agent: echo, action: echo, inputs: {text: hello}}
  - id: second
    agent: echo
    action: echo
    inputs:
      text: "${prev.txet}"
YAML
want 3 "$TDEV" workflow validate bad.yaml; says err 'bad.yaml:9:13: '; says err 'did you mean "text"'
sed -i 's/id: second/idd: second/' bad.yaml
want 3 "$TDEV" run bad.yaml; says err 'bad.yaml:5:5: unrecognized key "idd" of a link, did you mean "id"'
sed -i 's/kind: Chain/kind: chain/' bad.yaml
want 3 "$TDEV" workflow validate bad.yaml; says err 'bad.yaml:1:7: "kind" is "chain", must be "workflow" or "Chain", did you mean "Chain"'

# A chain is a workflow: as part of another one, and by its name.
mkdir -p "$XDG_CONFIG_HOME/tdev/workflows"
printf 'kind: Chain\nid: inner\noutput: "${prev.text}"\nlinks: [{agent: echo, action: echo}]\n' >"$XDG_CONFIG_HOME/tdev/workflows/inner.yaml"
printf 'kind: Chain\nid: outer\noutput: "${prev}"\nlinks: [{workflow: inner}, {agent: echo, action: echo, inputs: {text: "${prev}!"}, outputs: "${result.text}"}]\n' >outer.yaml
want 0 "$TDEV" run outer.yaml -q -i text=hi; [ "$(cat out)" = '"hi!"' ] || fail "the chain within a chain does not give hi!"
want 0 "$TDEV" workflow list; says out "inner"

# A link that fails fails the run, and what was done is undone; the run knows which link.
append() { echo "agent: steps, action: append, inputs: {file: $dir/$1, line: $2}"; }
cat >fails.yaml <<YAML
kind: Chain
id: fails
links:
  - {id: a, $(append log a), compensate: {$(append log undo-a)}}
  - {id: b, $(append log b)}
  - {id: c, agent: steps, action: fail, inputs: {file: $dir/none/x, times: 9}, retry: {max_attempts: 1}}
YAML
want 1 "$TDEV" run fails.yaml -q; says err 'node "c"'
[ "$(lines log)" = "a b undo-a " ] || fail "the chain that failed was not undone: $(lines log)"

# What a chain that failed did is told: each link so far, and the one that failed; and how long each took.
cat >partly.yaml <<YAML
kind: Chain
id: partly
links:
  - {id: a, agent: echo, action: echo, inputs: {text: one}}
  - {id: b, agent: steps, action: fail, inputs: {file: $dir/none/x, times: 9}, retry: {max_attempts: 1}}
  - {id: c, agent: echo, action: echo, inputs: {text: never}}
YAML
want 1 "$TDEV" run partly.yaml --json; id=$(sed -n 's/^ *"run": "\(.*\)",/\1/p' out); flat
says flat '"status":"failed","steps":[{"step":"a","success":true,"output":{"text":"one"}},{"step":"b","success":false,"error":{"code":"io"'
grep -q never flat && fail "a link that did not run is told"
want 0 "$TDEV" runs show "$id" --json; flat; says flat '"event":"done","step":"a","output":{"text":"one"}'; says flat '"event":"failed","step":"b","error":{"code":"io"'
want 0 "$TDEV" runs report "$id" --json; grep -q '"wall_ms": [0-9]' out || fail "the report does not say how long links took"
flat; says flat '{"step":"a","status":"done","retries":0,"begun_ms":'; says flat '{"step":"b","status":"failed","retries":0,"begun_ms":'

# merge: first gives what the first gave, and does not wait for the others.
cat >race.yaml <<'YAML'
kind: Chain
id: race
strategy: parallel
merge: first
links:
  - {id: a, agent: steps, action: slow, inputs: {ms: 60000}}
  - {id: b, agent: echo, action: echo, inputs: {text: won}}
YAML
want 0 timeout 30 "$TDEV" run race.yaml -q; flat
[ "$(cat flat)" = '{"success":true,"output":{"text":"won"},"links":[{"link":"b","success":true,"output":{"text":"won"}}]}' ] || fail "the first did not win: $(cat flat)"

# restart: each attempt undoes what it did; the third one goes through. Two runs of one chain at once do not mix, and count for themselves.
cat >restart.yaml <<YAML
kind: Chain
id: restart
recovery: {restart: 2}
output: "\${prev.attempts}"
links:
  - {id: a, agent: steps, action: append, inputs: {file: "\${input.log}", line: a}, compensate: {agent: steps, action: append, inputs: {file: "\${input.log}", line: undo-a}}}
  - {id: b, agent: steps, action: fail, inputs: {file: "\${input.tries}", times: "\${input.times}"}, retry: {max_attempts: 1}}
YAML
for n in 1 2 3; do
    "$TDEV" run restart.yaml -q -i log="$dir/r$n" -i tries="$dir/f$n" -i times=$n >out$n 2>err$n &
    pids[n]=$!
done
restarted() {
    wait "${pids[$1]}" || fail "run $1 of restart failed: $(cat "err$1")"
    [ "$(cat "out$1")" = "$2" ] || fail "run $1 of restart gave $(cat "out$1")"
    [ "$(lines "r$1")" = "$3" ] || fail "run $1 of restart did: $(lines "r$1")"
}
restarted 1 2 "a undo-a a "
restarted 2 3 "a undo-a a undo-a a "
wait "${pids[3]}" && fail "a third restart was not refused"
[ "$(lines r3)" = "a undo-a a undo-a a undo-a " ] || fail "run 3 of restart did: $(lines r3)"

# Stages overlap: the second item is begun before the first has gone through, and each link takes items in their order.
cat >pipe.yaml <<'YAML'
kind: Chain
id: pipe
strategy: pipeline
over: [1, 2, 3]
buffer: 0
output: "${prev}"
links:
  - {id: one, agent: steps, action: slow, inputs: {ms: 1}, outputs: "${item}"}
  - {id: two, agent: steps, action: slow, inputs: {ms: 20}, outputs: "${prev * 10}"}
YAML
want 0 "$TDEV" run pipe.yaml -q; flat; [ "$(cat flat)" = '[10,20,30]' ] || fail "the order of the stream is lost: $(cat flat)"
want 0 "$TDEV" runs list --name pipe --json; id=$(grep -o '"id": *"[^"]*"' out | head -1 | cut -d'"' -f4)
want 0 "$TDEV" runs show "$id" --json
sed -n 's/.*"step": "chain__stream\(.*\)".*/done\1/p; s/^ *"chain__stream\(.*\)".*/ask\1/p' out >order
at() { grep -n -F "$1" order | cut -d: -f1; }
before() { [ "$(at "$1")" -lt "$(at "$2")" ] || fail "$1 should come before $2: $(tr '\n' ' ' <order)"; }
before 'ask[1].one' 'done[0].two'; before 'done[0].two' 'ask[2].one'
before 'done[0].one' 'ask[1].one'; before 'done[0].two' 'ask[1].two'; before 'done[1].two' 'ask[2].two'

# optimize: proposes, measures, writes; the new chain gives the same, and keeps its middleware.
cat >report.yaml <<'YAML'
# What goes along.
kind: Chain
id: report
middleware: [{after_link: {value: {text: "${value.text}."}}}]
output: "${prev.text}"
links:
  - {id: a, agent: echo, action: echo, inputs: {text: "${input.text}"}}
  - {id: b, agent: echo, action: echo, inputs: {text: "${prev.text}!"}}
  - {id: again, agent: echo, action: echo, inputs: {text: "${input.text}"}}
  - {id: unused, agent: echo, action: echo, inputs: {text: x}}
  - {id: c, agent: echo, action: echo, inputs: {text: "${input.text}?"}}
  - {id: d, agent: echo, action: echo, inputs: {text: "${prev.text + links.b.text + links.again.text}"}}
YAML
want 0 "$TDEV" run report.yaml -q -i text=hi; cp out before
want 0 "$TDEV" workflow optimize report.yaml --history --measure --write -i text=hi
says out 'cache     "again" asks the same as "a"'; says out 'remove    nothing reads what "unused" gives'
says out 'reorder   "c" needs nothing of "b"'; says out 'parallel  "a", "c" do not wait for each other'
says out 'estimated: '; says out 'from runs'; says out 'measured: '; says out 'written to report.yaml'
says report.yaml '# What goes along.'; says report.yaml 'middleware:'; says report.yaml 'merge: last'
want 0 "$TDEV" run report.yaml -q -i text=hi; cmp -s out before || fail "the optimized chain gives something else"
cp report.yaml kept; want 0 "$TDEV" workflow optimize report.yaml --write; says out 'nothing to do'
cmp -s report.yaml kept || fail "a chain without proposals was written"
want 3 "$TDEV" workflow optimize fails.yaml --measure; says err '"steps" may have effects'
want 0 "$TDEV" workflow optimize fails.yaml; says out 'nothing to do'

# A link that nobody reads, and that fails, keeps back what stands behind it: before and after.
cat >guard.yaml <<YAML
kind: Chain
id: guard
links:
  - {id: check, agent: echo, action: echo, inputs: {text: "\${input.text}"}}
  - {id: other, agent: echo, action: echo, inputs: {text: x}}
  - {id: pay, $(append paid pay)}
YAML
want 3 "$TDEV" run guard.yaml -q -i text=7; [ ! -e paid ] || fail "the check did not keep the payment back"
want 0 "$TDEV" workflow optimize guard.yaml --write; says out 'parallel  "check", "other"'
want 3 "$TDEV" run guard.yaml -q -i text=7; [ ! -e paid ] || fail "optimized, the check does not keep the payment back"
want 0 "$TDEV" run guard.yaml -q -i text=ok; [ "$(lines paid)" = "pay " ] || fail "the optimized chain does not pay"

# A plain workflow: nodes in a row that do not read each other.
cat >row.yaml <<'YAML'
id: row
nodes:
  - {id: begin, type: start, next: a}
  - {id: a, type: task, agent: echo, action: echo, inputs: {text: a}, next: b}
  - {id: b, type: task, agent: echo, action: echo, inputs: {text: b}, next: c}
  - {id: c, type: task, agent: echo, action: echo, inputs: {text: "${nodes.a.output.text + nodes.b.output.text}"}, next: done}
  - {id: done, type: end, output: "${nodes.c.output.text}"}
YAML
want 0 "$TDEV" workflow optimize row.yaml --measure --write; says out 'parallel  "a", "b" do not wait for each other'; says out 'measured: '
want 0 "$TDEV" run row.yaml -q; [ "$(cat out)" = '"ab"' ] || fail "the optimized workflow does not give ab"
want 0 "$TDEV" workflow optimize "$examples/hello.yaml"; [ "$(cat out)" = "nothing to do" ] || fail "nothing to do is told as: $(cat out)"
want 3 "$TDEV" workflow optimize "$examples/order.yaml" --measure -i item=x -i price=12; says err '"approval" may have effects'
echo "ok"
