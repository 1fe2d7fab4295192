#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent coordination holds across processes: a lock has one holder and its tokens only grow, whoever dies; a barrier lets all
# through or none; a voter counts once; there is one leader.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
call() { "$TDEV" agent call coordination "$@"; }
number() { grep -o "\"$2\": *[0-9-]*" "$1" | grep -o -- '-*[0-9]*$'; }

# A hundred processes want one lock. Who has it makes a folder that nobody else may find, and writes its token down.
contend() {
    call lock -i name=job -i holder="p$1" -i ttl_ms=60000 -i wait_ms=300000 >"lock.$1" 2>"lock.$1.err" || return
    local token
    token=$(number "lock.$1" token)
    mkdir held 2>/dev/null || echo "$1 found the lock taken" >>broken
    echo "$token" >>tokens
    rmdir held 2>/dev/null || echo "$1 lost the lock" >>broken
    call unlock -i name=job -i token="$token" >"unlock.$1" 2>&1
}
for i in $(seq 100); do contend "$i" & done
wait
[ ! -e broken ] || fail "there were two holders: $(head -3 broken)"
[ "$(cat tokens 2>/dev/null | wc -l)" = 100 ] || fail "not all got the lock; $(cat lock.*.err | sort | uniq -c | head -3)"
sort -n -u tokens | cmp -s - tokens || fail "the tokens do not grow: $(tr '\n' ' ' <tokens)"
[ "$(cat unlock.* | grep -c '"released": true')" = 100 ] || fail "not all gave the lock back"

# A holder that is gone without giving it back holds up nobody for longer than its time; its token is worth nothing then.
want 0 call lock -i name=gone -i holder=dead -i ttl_ms=100; old=$(number out token)
want 0 call lock -i name=gone -i holder=next -i ttl_ms=60000 -i wait_ms=60000; says out '"acquired": true'
[ "$(number out token)" -gt "$old" ] || fail "the next holder has no greater token"
want 0 call unlock -i name=gone -i token="$old"; says out '"released": false'
want 0 call lock -i name=gone -i holder=third; says out '"holder": "next"'; says out '"acquired": false'

# One that waits, and is killed, leaves nothing behind.
call lock -i name=gone -i holder=killed -i wait_ms=60000 >/dev/null 2>&1 &
kill -9 $!; wait $! 2>/dev/null
want 0 call unlock -i name=gone -i token=$((old + 1)); says out '"released": true'
want 0 call lock -i name=gone -i holder=third -i wait_ms=60000; says out '"acquired": true'

# A barrier of eight processes: all pass, each with a place of its own.
for i in $(seq 8); do call barrier_arrive -i name=gate -i party="p$i" -i parties=8 -i ttl_ms=60000 -i wait_ms=60000 >"gate.$i" 2>&1 & done
wait
[ "$(cat gate.* | grep -c '"passed": true')" = 8 ] || fail "not all passed the barrier: $(cat gate.*)"
for i in $(seq 8); do number "gate.$i" place; done | sort -n | tr '\n' ' ' >places
[ "$(cat places)" = "0 1 2 3 4 5 6 7 " ] || fail "the places are $(cat places)"

# Nine voters, one of them twice at once; every process is told the same.
for i in 1 2 3 4 5 6 7 8 9 9; do
    call vote -i name=colour -i voter="v$i" -i choice=$([ "$i" -le 4 ] && echo blue || echo red) -i voters=9 \
        -i ttl_ms=60000 -i wait_ms=60000 >"vote.$i.$RANDOM$RANDOM" 2>&1 &
done
wait
[ "$(cat vote.* | grep -c '"decision": "red"')" = 10 ] || fail "the voters were told different things: $(cat vote.*)"
[ "$(cat vote.* | grep -c '"red": [6-9]')" = 0 ] || fail "red has more votes than voters"

# Five candidates at once: one leads, the one of the highest priority; when it is silent, another does, with a greater token.
for i in 1 2 3 4 5; do
    call elect -i name=chief -i candidate="c$i" -i priority="$i" -i window_ms=600000 -i expected=5 -i ttl_ms=60000 -i wait_ms=60000 >"chief.$i" 2>&1 &
done
wait
[ "$(cat chief.* | grep -c '"leader": "c5"')" = 5 ] || fail "not all have the same leader: $(cat chief.*)"
[ "$(cat chief.* | grep -c '"is_leader": true')" = 1 ] || fail "there is not one leader"
want 0 call elect -i name=short -i candidate=a -i priority=9 -i ttl_ms=100; says out '"is_leader": true'; old=$(number out token)
until call elect -i name=short -i candidate=b -i ttl_ms=60000 >out && grep -q '"is_leader": true' out; do :; done
[ "$(number out token)" -gt "$old" ] || fail "the new leader has no greater token"

# In a workflow nobody need be named: the step itself holds the lock.
cat >flow.yaml <<'YAML'
id: guarded
nodes:
  - {id: begin, type: start, next: [take]}
  - {id: take, type: task, agent: coordination, action: lock, inputs: {name: flow, wait_ms: 60000}, next: [give]}
  - {id: give, type: task, agent: coordination, action: unlock, inputs: {name: flow, token: "${nodes.take.output.token}"}, next: [done]}
  - {id: done, type: end, output: "${nodes.give.output}"}
YAML
want 0 "$TDEV" run flow.yaml -q; says out '"released": true'
want 0 call lock -i name=busy -i holder=other -i ttl_ms=600000
sed -e 's/name: flow, wait_ms: 60000}/name: busy, wait_ms: 60000}, timeout: 2s/' -e 's/next: \[give\]/next: [done]/' -e '/id: give/d' -e 's/nodes.give/nodes.take/' flow.yaml >busy.yaml
want 0 "$TDEV" run busy.yaml -q; says out '"acquired": false'
want 3 call lock -i name=flow; says err 'lock "flow": outside of a run it needs "holder"'
echo "ok"
