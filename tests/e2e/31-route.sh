#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A route gives a call to the agent that fits best, to the next one when that cannot be reached, and tells why.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"

agents=config/tdev/agents
mkdir -p $agents
printf 'plugin: echo\ndescription: Invoices, payments and refunds (청구서와 환불)\noptions: {prefix: "billing: "}\n' >$agents/billing.yaml
printf 'plugin: echo\ndescription: Logins, passwords and crashes\noptions: {prefix: "tech: "}\n' >$agents/tech.yaml
cat >$agents/desk.yaml <<'YAML'
description: Sends a question to who knows
tags: [help]
route:
  candidates: [billing, tech]
  rules:
    - {match: "(?i)urgent", agent: tech, weight: 2}
YAML

# Each goes to who knows; what nothing speaks for goes to each in turn.
want 0 "$TDEV" agent call desk echo -i text="a refund"; says out 'billing: a refund'
want 0 "$TDEV" agent call desk echo -i text="환불해 주세요"; says out 'billing: 환불'
want 0 "$TDEV" agent call desk echo -i text="My PASSWORDS"; says out 'tech: My'
want 0 "$TDEV" agent call desk echo -i text="a refund, URGENT"; says out 'tech: a refund'
want 3 "$TDEV" agent call desk ecko -i text=x; says err 'no candidate of agent "desk" has action "ecko", did you mean "echo"'
want 3 "$TDEV" agent call desk echo -i text=5; says err /text

# Why, without calling.
want 0 "$TDEV" agent route desk -i text="an urgent refund"
says out 'tech: the best by rules and words'; says out 'rule +2.00: (?i)urgent'; says out ': refund'; says out 'cannot be reached: billing'
want 0 "$TDEV" agent route desk echo --json -i text="hello"
says out '"chosen": "billing"'; says out '"why": "nothing speaks for any: all are alike"'; says out '"balance": "weighted_round_robin"'
want 3 "$TDEV" agent route tech -i text=x; says err 'agent "tech" is no route'

# It is listed and found as any agent, and by what it leads to not as one of them.
want 0 "$TDEV" agent list; grep -q '^desk .* echo  Sends a question' out || fail "desk is not listed"
want 0 "$TDEV" agent find '"help" in tags && effects == "none"'; grep -q '^desk ' out || fail "desk is not found"
printf 'route: {find: "\\"echo\\" in capabilities && name != \\"echo\\"", balance: least_connections}\n' >$agents/any.yaml
want 0 "$TDEV" agent route any --json -i text="refund"; says out '"chosen": "billing"'; grep -q '"agent": "desk"' out && fail "a route leads to a route"
printf 'route: {candidates: [billing, tch]}\n' >$agents/broken.yaml
want 0 "$TDEV" agent list; says out 'broken.yaml:1:31: agent "tch" is not there'

# Who cannot be reached is passed over, once; any other failure is the route's. One attempt of the route is one of each.
use_steps
printf 'plugin: steps\n' >$agents/first.yaml
printf 'plugin: steps\n' >$agents/second.yaml
printf 'route: {candidates: [first], fallbacks: [second]}\nretry: {max_attempts: 1}\n' >$agents/any.yaml
want 0 "$TDEV" agent call any fail -i file="$dir/a" -i times=1 -i code=unavailable; says out '"attempts": 2'
want 4 "$TDEV" agent call any fail -i file="$dir/b" -i times=9 -i code=unavailable; [ "$(wc -c <b)" = 2 ] || fail "$(wc -c <b) attempts"
want 1 "$TDEV" agent call any fail -i file="$dir/c" -i times=1 -i code=exec; [ "$(wc -c <c)" = 1 ] || fail "$(wc -c <c) attempts"
printf 'route: {candidates: [first]}\nretry: {max_attempts: 3, initial: 1ms}\n' >$agents/any.yaml
want 0 "$TDEV" agent call any fail -i file="$dir/d" -i times=2; says out '"attempts": 3'

# In a durable run as well: the engine counts the attempts, and each chooses anew.
cat >routed.yaml <<'YAML'
id: routed
inputs: {type: object, required: [file], properties: {file: {type: string}}}
nodes:
  - {id: begin, type: start, next: [work]}
  - id: work
    type: task
    agent: any
    action: fail
    inputs: {file: "${input.file}", times: 2}
    retry: {max_attempts: 3, initial: 1ms}
    next: [done]
  - {id: done, type: end, output: "${nodes.work.output}"}
YAML
want 0 "$TDEV" workflow validate routed.yaml
want 0 "$TDEV" run routed.yaml -i file="$dir/e"; says out '"attempts": 3'
sed -i 's/action: fail/action: fial/' routed.yaml
want 3 "$TDEV" workflow validate routed.yaml; says err 'no candidate of agent "any" has action "fial", did you mean "fail"'
