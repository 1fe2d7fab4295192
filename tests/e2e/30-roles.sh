#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin says what it needs of others by role (`uses`), the agent's file says who has it: checked before anything runs, inline and in a
# process of its own, and an edited file counts for the next call.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
built=$TEST_BUILDDIR/tests/plugins
if [ ! -e "$built/letter/.libs/letter.so" ]; then echo "the test plugin letter is not built"; exit 77; fi
mkdir -p conf/agents conf/workflows plugins/letter plugins/post
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml
for one in letter post; do
    cp "$TEST_SRCDIR/tests/plugins/$one/plugin.yaml" "plugins/$one/"
    cp "$built/$one/.libs/$one.so" "plugins/$one/"
done
agents=$dir/conf/agents
agent() { printf '%b\n' "$2" >"conf/agents/$1.yaml"; }
write() { want 0 "$TDEV" agent call "${1:-box}" write -i to=Kim; }

# --- what it needs is known without opening it ---
want 0 "$TDEV" plugin info letter
says out 'mailer               action send         the agent'"'"'s file says who    Sends the letters'
says out 'keeper               action send         agent archive, optional'
want 0 "$TDEV" plugin deps letter; says out 'agent    letter 1.0.0; uses mailer (send of -), keeper? (send of archive)'
want 0 "$TDEV" plugin check plugins/letter

# --- refused with its place and what to write ---
want 3 "$TDEV" agent call letter write -i to=Kim
says err "step 3 of 6 (dependencies): $dir/plugins/letter/plugin.yaml:31:5: agent \"letter\": role \"mailer\" of plugin \"letter\": nobody has it, and it is not optional"
says err 'write agents/NAME.yaml with "plugin: letter" and "uses: {mailer: AGENT}", an agent with action "send"'
agent box 'plugin: letter'
want 3 "$TDEV" agent call box write -i to=Kim
says err "write \"uses: {mailer: AGENT}\" into $agents/box.yaml"
# refused FILE WORDS: the file of agent "box" is refused when it is called, listed, and named in a workflow.
printf 'id: flow\nnodes:\n  - {id: a, type: start, next: [b]}\n  - {id: b, type: task, agent: box, action: write, next: [c]}\n  - {id: c, type: end}\n' >conf/workflows/flow.yaml
refused() {
    agent box "$1"
    want 3 "$TDEV" agent call box write -i to=Kim; says err "$2"
    want 3 "$TDEV" workflow validate flow; says err "flow.yaml:4:"; says err "$2"
    "$TDEV" agent list --json >out; says out "$(printf '%s' "$2" | sed 's/"/\\"/g')"
}
refused 'plugin: letter\nuses: {mailr: post}' "$agents/box.yaml:2:8: plugin \"letter\" has no role \"mailr\", did you mean \"mailer\""
refused 'plugin: letter\nuses: {mailer: [post]}' "$agents/box.yaml:2:16: who has role \"mailer\" must be the name of an agent, or null"
refused 'plugin: letter\nuses:\n  mailer: pots' "$agents/box.yaml:3:11: agent \"box\": role \"mailer\" of plugin \"letter\": agent \"pots\" is not there"
refused 'plugin: letter\nuses: {mailer: ~}' "$agents/box.yaml:2:16: agent \"box\": role \"mailer\" of plugin \"letter\": nobody has it, and it is not optional"
refused 'plugin: letter\nuses: {mailer: post, keeper: nobody}' "$agents/box.yaml:2:30: agent \"box\": role \"keeper\" of plugin \"letter\": agent \"nobody\" is not there"
agent box 'plugin: post\nuses: {mailer: post}'
want 3 "$TDEV" agent call box send -i to=Kim; says err "$agents/box.yaml:2:7: plugin \"post\" has no roles that could be given to agents"
# An agent without the action, and one whose schemas do not go with the role's.
mkdir plugins/fussy
sed 's/^name: post/name: fussy/; s/required: \[to\], properties: {to: {type: string}/required: [to, stamp], properties: {to: {type: string}/' plugins/post/plugin.yaml >plugins/fussy/plugin.yaml
refused 'plugin: letter\nuses: {mailer: fussy}' "$agents/box.yaml:2:16: agent \"box\": role \"mailer\" of plugin \"letter\": does not go with agent \"fussy\" action \"send\": what it is sent: must have \"stamp\", which need not be there"
sed -i 's/, stamp\]/]/; s/output: {type: object, required: \[id\], properties/output: {type: object, properties/' plugins/fussy/plugin.yaml
refused 'plugin: letter\nuses: {mailer: fussy}' 'what it answers: must have "id", which need not be there'
sed -i 's/name: send/name: sends/' plugins/fussy/plugin.yaml
refused 'plugin: letter\nuses: {mailer: fussy}' 'agent "fussy" has no action "send", did you mean "sends"'
# A circle is named, wherever it is come to.
agent here 'plugin: letter\nuses: {mailer: there}'
agent there 'plugin: letter\nuses: {mailer: here}'
want 3 "$TDEV" agent call here write -i to=Kim; says err 'agents need each other in a circle: here -> there -> here'
refused 'plugin: letter\nuses: {mailer: there}' 'agents need each other in a circle: there -> here -> there'
refused 'plugin: letter\nuses: {mailer: box}' 'agents need each other in a circle: box -> box'
# An optional one may come back: box does without keeper where it must.
agent there 'plugin: post'
agent box 'plugin: letter\nuses: {mailer: here, keeper: box}'
want 0 "$TDEV" workflow validate flow

# --- used ---
"$TDEV" doctor >out 2>err
isolations="inline process"
grep -q '^note *isolation' out && isolations=inline
for isolation in $isolations; do
    sed -i '/^isolation/d' plugins/letter/plugin.yaml; echo "isolation: $isolation" >>plugins/letter/plugin.yaml
    rm -f conf/agents/archive.yaml
    agent box 'plugin: letter\nuses: {mailer: post}'
    want 0 "$TDEV" workflow validate flow
    write; says out '"id": "post to Kim"'; says out '"kept": false'
    # The default of the optional role counts when it is there, unless the file says otherwise.
    agent archive 'plugin: post'
    write; says out '"kept": true'; says out '"keeper": "archive to Kim"'
    "$TDEV" agent list --json >list; grep -A30 '"name": "box"' list >out
    says out '"mailer": {'; says out '"agent": "post"'; says out '"agent": "archive"'
    agent box 'plugin: letter\nuses: {mailer: post, keeper: ~}'
    write; says out '"kept": false'
    want 3 "$TDEV" agent call box use -i role=keeper -i letter='{}'
    says err 'agent "box": nobody has its role "keeper"'
    says err "write \"uses: {keeper: AGENT}\" into agents/box.yaml"
    # What goes through a role is what the row says; what has no role is not allowed.
    want 3 "$TDEV" agent call box write -i to=Kim -i broken=true
    says err 'input for role "mailer": /to: must be a string, is an integer'
    want 3 "$TDEV" agent call box use -i role=mailr -i letter='{}'
    says err 'plugin "letter": its manifest has no role "mailr", did you mean "mailer"'
    want 3 "$TDEV" agent call box call -i agent=post -i letter='{"to": "Kim"}'
    says err '"box" may not call agent "post"'
    # A role leads through a role.
    agent relay 'plugin: letter\nuses: {mailer: there}'
    agent box 'plugin: letter\nuses: {mailer: relay, keeper: ~}'
    write; says out '"id": "there to Kim"'
done

# --- an edited file counts for the next call ---
begin() {
    rm -f said; mkfifo said
    "$tdevd" 2>said &
    pid=$!
    exec 7<said
    while read -r line <&7; do
        echo "$line" >>log
        case $line in *"is ready"*) cat <&7 >>log & return ;; esac
    done
    fail "tdevd did not get ready: $(cat log)"
}
until_true() { until "$@" >/dev/null 2>&1; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done; }
cat >conf/workflows/flow.yaml <<'YAML'
id: flow
triggers: [{event: ask, inputs: {to: "${event.data.to}"}}]
nodes:
  - {id: begin, type: start, next: [write]}
  - {id: write, type: task, agent: box, action: write, inputs: {to: "${input.to}"}, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {id: "${nodes.write.output.id}"}, next: [done]}
  - {id: done, type: end}
YAML
is_watched() { "$TDEV" trigger list >list && grep "^flow " list >rows && ! grep -q 'not watched yet' rows; }
has_told() { "$TDEV" event list --name told -n 0 --json | grep -q "\"id\": \"$1\""; }
sent_by() { count=$((count + 1)); "$TDEV" event emit ask -i to=n$count && until_true told_any n$count && has_told "$1 to n$count"; }
told_any() { "$TDEV" event list --name told -n 0 --json | grep -q " to $1\""; }
count=0
agent box 'plugin: letter\nuses: {mailer: post, keeper: ~}'
begin
until_true is_watched
sent_by post >/dev/null 2>&1 || fail "post does not send"
agent box 'plugin: letter\nuses: {mailer: there, keeper: ~}'
until_true sent_by there
agent box 'plugin: letter\nuses: {mailer: nowhere, keeper: ~}' # a fault: the one before goes on, and the log says so
until_true grep -q 'role \\*"mailer\\*" of plugin' log
sent_by there >/dev/null 2>&1 || fail "a file with a fault counts"
kill -TERM $pid; wait $pid || fail "tdevd exits $?: $(cat log)"; pid=

# --- on trial, stand-ins have the roles ---
sed -i '/^isolation/d' plugins/letter/plugin.yaml; echo "isolation: inline" >>plugins/letter/plugin.yaml
echo letter >plugins/letter/README.md
cp "$TEST_SRCDIR/tests/plugins/letter/conform.yaml" plugins/letter/
want 0 "$TDEV" plugin conform plugins/letter; says out 'ok      somebody has its roles'; says out 'answers call 1 of conform.yaml'
sed -i 's/mailer: {output/mailer: {error: timeout}, keeper: {output/; s/, output: {id: 7, kept.*/, error: timeout}/; /role: keeper/d' plugins/letter/conform.yaml
want 0 "$TDEV" plugin conform plugins/letter
sed -i 's/error: timeout}, keeper/error: timout}, keeper/' plugins/letter/conform.yaml
want 3 "$TDEV" plugin conform plugins/letter; says out 'role "mailer": "timout" is no code of an error, did you mean "timeout"'
echo 'uses: {mailr: {output: {}}}' >plugins/letter/conform.yaml
want 3 "$TDEV" plugin conform plugins/letter; says out '"uses" names role "mailr", the manifest has none'
