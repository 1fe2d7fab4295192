#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Patterns whose process is killed in the middle go on where they were; who is late is taken back; what runs around a run stops it
# and undoes it; a configuration that cannot work is refused in words.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
ids() { "$TDEV" runs list --status "$1" --json | tr -d ' \n' | grep -o "\"id\":\"[^\"]*\",\"kind\":\"pattern\",\"name\":\"$2\"" | cut -d'"' -f4; }

# A member NAME that gives VALUE as its output, and one that waits for a signal and gives what comes with it; KEYS are more of theirs.
fixed() { echo '{"name":"'"$1"'","pattern":"pipeline"'"${3:+,$3}"',"config":{"stages":[{"agent":"echo","action":"echo","input":{},"recover":'"$2"'}]}}'; }
gate() { echo '{"name":"gate","pattern":"aggregator"'"${1:+,$1}"',"config":{"strategy":"first","wait":{"signal":"go"}}}'; }

# resumes PATTERN PAYLOAD TEXT ARGS...: runs it until it waits for the signal, kills the process, sends the signal with the payload, and
# goes on with the run; TEXT is in the output.
resumes() {
    local name=$1 payload=$2 text=$3 pid run child
    shift 3
    "$TDEV" pattern run "$name" -q "$@" >gone 2>gone.err &
    pid=$!
    until child=$(ids running aggregator) && [ -n "$child" ]; do
        kill -0 $pid 2>/dev/null || fail "$name does not get to its gate: $(cat gone gone.err)"
    done
    kill -9 $pid; wait $pid 2>/dev/null
    until run=$(ids orphaned "$name") && [ -n "$run" ]; do :; done
    want 0 "$TDEV" runs signal "$child" go -i "$payload" -q
    want 0 "$TDEV" runs resume "$run" -q
    tr -d ' \n' <out >flat
    says flat "$text"
}
resumes choreography 'events=[{"type":"end","data":7}]' '"outcome":"done","success":true,"output":7' -s events=/output/events -s 'until=["end"]' \
    -s "agents=[$(fixed a '{"events":[{"type":"next"}]}' '"on":["start"]'),$(gate '"on":["next"]')]"
resumes blackboard c=7 '"outcome":"solved","success":true,"output":7,"board":{"b":1,"c":7},"steps":2' -s adds=/output -s output=/c \
    -s 'until=[{"at":"/c","exists":true}]' \
    -s "experts=[$(fixed a '{"b":1}' '"when":[{"at":"/b","exists":false}]'),$(gate '"when":[{"at":"/b","min":1}]')]"
resumes consensus choice=a '"outcome":"agreed","success":true,"output":5,"proposed_by":"a","round":1' -s proposal=/output/proposal \
    -s choice=/output/choice -s rule=unanimous -s "proposers=[$(fixed a '{"proposal":5}')]" -s "voters=[$(fixed v '{"choice":"a"}'),$(gate)]"
resumes auction x=7 '"outcome":"awarded","success":true' -s offer=/output -s "bidders=[$(fixed dear 1 '"bid":'"$(fixed b '{"price":9}')"),$(gate '"bid":'"$(fixed b '{"price":2}')")]"
says flat '"winner":"gate","price":2'
resumes election x=7 '"leader":"low","priority":1' -s terms=2 -s "candidates=[$(fixed high 1 '"priority":9,"lead":{"agent":"echo","action":"echo"}'),$(fixed low 1 '"priority":1,"lead":'"$(gate)")]"
says flat '"deposed":[{"leader":"high","term":1'
resumes barrier x=7 '"outcome":"passed","success":true' -s "parties=[$(fixed a 1),$(gate)]"; says flat '"arrivals":[["a","gate"]]'
resumes token-ring x=7 '"outcome":"went_round","success":true,"output":{"x":7},"lap":1,"passes":2' -s token=/output -s "members=[$(fixed a 1),$(gate)]"
resumes supervisor x=7 '"outcome":"done","success":true' -s "workers=[$(fixed a 1),$(gate)]" \
    -s 'subtasks=[{"id":"late","worker":"gate","depends_on":["early"]},{"id":"early","worker":"a"}]'
resumes router x=7 '"success":true' -s match=all -s "routes=[$(fixed a 1),$(gate)]"; says flat '"route":"gate","success":true'
resumes sequence x=7 '"success":true,"outcome":"done","output":{"success":true,"output":{"x":7}' -s "steps=[$(fixed a 1),$(gate)]"; says flat '"results":{"a":{"success":true'
resumes parallel x=7 '"success":true,"outcome":"done","output":{"a":{"' -s max_parallel=1 -s "members=[$(fixed a 1),$(gate)]"; says flat '"gate":{"success":true,"output":{"success":true,"output":{"x":7}'
resumes branch x=7 '"success":true,"outcome":"done"' -s match=all -s "branches=[$(fixed a 1),$(gate '"when":[{"at":"/results/a/output","equals":1}]')]"; says flat '"gate":{"success":true,"output":'
resumes orchestrator x=7 '"success":true,"outcome":"done"' \
    -s 'steps=[{"id":"late","needs":["early"],"agent":"steps","action":"fail","input":{"file":"'"$dir"'/spare","times":9},"instead":['"$(gate)"']},{"id":"early","agent":"echo","action":"echo","input":{"text":"a"}}]'
says flat '"by":"gate","tried":[{"name":"late"'
resumes teams x=7 '"outcome":"done","success":true,"output":{"a":{"outcome":"done","success":true,"output":{"b":{' \
    -s 'subtasks=[{"id":"a","worker":"below"},{"id":"c","worker":"gate","depends_on":["a"]}]' \
    -s 'members=['"$(gate)"',{"name":"below","team":{"members":['"$(fixed f 1)"'],"subtasks":[{"id":"b","worker":"f"}]}}]'
resumes retry x=7 '"success":true,"output":{"x":7}' -s "member=$(gate)"

# Late ones would take an hour. All at once, each with its own three seconds.
slow='{"name":"slow","agent":"steps","action":"slow","input":{"ms":3600000}}'
late() { "$TDEV" pattern run "$1" -q -s timeout=3s "${@:3}" >"late.$2" 2>&1 & }
late auction auction -s price=/n -s 'bidders=[{"name":"a","agent":"steps","action":"slow","bid":'"$slow"'},{"name":"b","agent":"steps","action":"pure","input":{"n":1},"bid":{"agent":"steps","action":"pure","input":{"n":4}}}]'
late election election -s 'candidates=['"${slow/\{/\{\"priority\":9,}"',{"name":"up","agent":"steps","action":"pure","input":{"n":1}}]'
late barrier barrier -s on_failure=leave -s 'parties=['"$slow"',{"name":"up","agent":"steps","action":"pure","input":{"n":1}}]'
late consensus consensus -s proposal=/n -s choice=/n -s 'proposers=[{"name":"a","agent":"steps","action":"pure","input":{"n":1}}]' -s "voters=[$slow]"
append='"agent":"steps","action":"append","input":{"file":"'$dir/undo'","line":'
"$TDEV" pattern run timeout -q -s after=3s -s 'member={"pattern":"saga","config":{"steps":[
    {"name":"a",'"$append"'"a"},"compensate":{'"$append"'"undo-a"}}},'"$slow"']}}' >late.timeout 2>&1 &
wait
says late.auction '"winner": "b"'; says late.auction 'did not bid in time'
says late.election '"leader": "up"'; says late.election 'did not answer in time'
says late.barrier '"outcome": "passed"'; says late.barrier 'did not come within 3000 ms'
says late.consensus '"outcome": "timeout"'
says late.timeout '"saga" timed out after 3000 ms'
[ "$(cut -d' ' -f1 undo | tr '\n' ' ')" = "a undo-a " ] || fail "the saga that took too long was not undone: $(cat undo)"

# A run that fails twice is run three times.
want 0 "$TDEV" pattern run retry -q -s initial=1ms -s 'member={"pattern":"pipeline","config":{"stages":[
    {"agent":"steps","action":"fail","input":{"file":"'"$dir"'/often","times":2},"retry":{"max_attempts":1}}]}}'
says out '"attempts": 3'

# refused TEXT PATTERN ARGS...
refused() {
    local text=$1
    shift
    want 3 "$TDEV" pattern run "$@"; says err "$text"
}
echo='"agent":"echo","action":"echo"'
refused 'no agent reacts to "start", the first event' choreography -s 'agents=[{'"$echo"',"on":["stop"]}]'
refused '/stages/0: the key "agent" is missing, "timeout" needs it' pipeline -s 'stages=[{"pattern":"saga","timeout":"5s"}]'
refused '"replan" needs a "planner"' supervisor -s 'workers=[{'"$echo"'}]' -s 'subtasks=[{"id":"a","worker":"echo"}]' -s replan=true
refused '"subtasks": subtask "a": "eve" is no worker; these are: "echo"' supervisor -s 'workers=[{'"$echo"'}]' -s 'subtasks=[{"id":"a","worker":"eve"}]'
refused 'the strategy "by_name" cannot be used with "wait"' aggregator -s strategy=by_name -s 'wait={"signal":"x"}'
refused '"stop_on" needs "match": "all"' router -s stop_on=failure -s 'routes=[{'"$echo"',"when":[{"at":"/x","exists":true}]}]'
refused 'route "echo" needs "when": its rules' router -s 'routes=[{'"$echo"'}]'
refused 'proposer 0 cannot be called "none"' consensus -s 'proposers=[{"name":"none",'"$echo"'}]' -s 'voters=[{'"$echo"'}]'
refused 'steps 0 and 1 are both called "a"' orchestrator -s 'steps=[{"id":"a",'"$echo"'},{"id":"a",'"$echo"'}]'
refused 'step "a" needs "eve", which is no step' orchestrator -s 'steps=[{"id":"a",'"$echo"',"needs":["eve"]}]'
refused 'step "a" needs itself, or one that needs it' orchestrator -s 'steps=[{"id":"a",'"$echo"',"needs":["b"]},{"id":"b",'"$echo"',"needs":["a"]}]'
refused 'step "a": "when": rule 0: "at" must be a JSON pointer' orchestrator -s 'steps=[{"id":"a",'"$echo"',"when":[{"at":"x"}]}]'
refused '"min_success" must be a whole number from 1 to 1' parallel -s min_success=2 -s 'members=[{'"$echo"'}]'
refused 'team "low": "subtasks": subtask "a": "eve" is no worker; these are: "echo"' teams -s 'subtasks=[]' \
    -s 'members=[{"name":"low","team":{"members":[{'"$echo"'}],"subtasks":[{"id":"a","worker":"eve"}]}}]'
refused '"check" needs a "lead"' teams -s check=true -s 'subtasks=[]' -s 'members=[{'"$echo"'}]'
deep="{$echo}"
for _ in 1 2 3 4 5 6 7 8; do deep='{"name":"t","team":{"subtasks":[],"members":['$deep']}}'; done
refused 'team "t": teams are at most 8 deep' teams -s 'subtasks=[]' -s "members=[$deep]"
refused 'members 0 and 1 are both called "echo"' barrier -s 'parties=[{'"$echo"'},{'"$echo"'}]'
echo "ok"
