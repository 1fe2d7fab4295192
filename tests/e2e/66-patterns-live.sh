#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Patterns with time, effects and death: attempts and timeouts are kept, who is late is taken back, a saga is undone when it fails, is
# cancelled, or its process is killed.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
lines() { cut -d' ' -f1 "$1" | tr '\n' ' '; }

# Attempts: the second step fails twice and is tried three times.
want 0 "$TDEV" pattern run pipeline -q -i n=1 -s 'stages=[{"agent":"steps","action":"pure"},
    {"agent":"steps","action":"fail","input":{"file":"'"$dir"'/f","times":2},"retry":{"max_attempts":3,"initial":"1ms"}}]'
says out '"attempts": 3'
want 1 "$TDEV" pattern run pipeline -q -s 'stages=[{"name":"once","agent":"steps","action":"fail","input":{"file":"'"$dir"'/g","times":2},
    "retry":{"max_attempts":2,"initial":"1ms"}}]'
says err 'stage "once": '

# in_time CODE TEXT COMMAND...: its exit code and what it says, with so much time ($ms) that what is not slow ends in it: that depends on
# what else the machine does.
in_time() {
    local code=$1 text=$2
    shift 2
    for ms in 20 200 2000 20000; do
        "$@" -s timeout=${ms}ms >out 2>err </dev/null
        if [ $? = "$code" ] && grep -qF -- "$text" out err; then return; fi
    done
    fail "\"$*\" says with no timeout: $text"
}

# Who is late is taken back: the slow ones would take an hour.
slow='{"name":"slow","agent":"steps","action":"slow","input":{"ms":3600000}}'
pure='{"name":"pure","agent":"steps","action":"pure","input":{"n":1}}'
in_time 0 '"responder": "pure"' "$TDEV" pattern run request-reply -q -s "responders=[$slow,$pure]"; says out "did not reply within $ms ms"
want 0 "$TDEV" pattern run aggregator -q -s strategy=first -s "sources=[$slow,$pure]"; says out '"received": 1'
in_time 0 '"complete": "timeout"' "$TDEV" pattern run aggregator -q -s "sources=[$slow,$pure]"
in_time 1 'the time is up with 1 messages' "$TDEV" pattern run aggregator -q -s min_count=2 -s "sources=[$slow,$pure]"
want 0 "$TDEV" pattern run voting -q -s choice=/n -s "voters=[$pure,$slow,$pure]"; says out '"decision": 2'

# saga FILE LAST: three steps that append, the second of which cannot be undone, and LAST.
saga() {
    local append='"agent":"steps","action":"append","input":{"file":"'$1'","line":'
    echo 'steps=[{"name":"a",'"$append"'"a"},"compensate":{'"$append"'"undo-a"}}},{"name":"b",'"$append"'"b"}},'
    echo '{"name":"c",'"$append"'"c"},"compensate":{'"$append"'"undo-c"}}},'"$2"']'
}
want 1 "$TDEV" pattern run saga -q -s "$(saga "$dir/s1" '{"name":"d","agent":"steps","action":"fail","input":{"file":"/none/x","times":0}}')"
says err 'step "d": '
[ "$(lines s1)" = "a b c undo-c undo-a " ] || fail "the saga that failed was not undone: $(lines s1)"

# begin FILE: a saga that waits in its last step; its process is $pid, its run $id.
begin() {
    "$TDEV" pattern run saga -q -s "$(saga "$1" "$slow")" >"$1.out" 2>"$1.err" &
    pid=$!
    until [ -s "$1" ] && [ "$(wc -l <"$1")" = 3 ]; do :; done
    id=$("$TDEV" runs list --status running --json | grep -o '"id": *"[^"]*"' | head -1 | cut -d'"' -f4)
    [ -n "$id" ] || fail "the saga is not running"
}
begin "$dir/s2"
want 0 "$TDEV" runs cancel "$id"
wait $pid && fail "the saga that was cancelled ended well"
[ "$(lines s2)" = "a b c undo-c undo-a " ] || fail "the saga that was cancelled was not undone: $(lines s2)"
want 0 "$TDEV" runs list --status cancelled; says out "$id"

begin "$dir/s3"
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
want 0 "$TDEV" runs cancel "$id" -q
[ "$(lines s3)" = "a b c undo-c undo-a " ] || fail "the saga whose process was killed was not undone once: $(lines s3)"

# Signals: an aggregator that waits for two; the second goes where the run has died.
"$TDEV" pattern run aggregator -q -s strategy=sum -s at=/n -s 'wait={"signal":"bid","count":2}' >sum 2>sum.err &
pid=$!
until id=$("$TDEV" runs list --status running --json | grep -o '"id": *"[^"]*"' | head -1 | cut -d'"' -f4) && [ -n "$id" ]; do :; done
want 0 "$TDEV" runs signal "$id" bid -i n=2
kill -9 $pid; wait $pid 2>/dev/null
until "$TDEV" runs list --status orphaned | grep -q "$id"; do :; done
want 0 "$TDEV" runs signal "$id" bid -i n=3 -q
says out '"output": 5'
echo "ok"
