#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin that is nobody's friend runs in a process of its own: it can be called, seen, and crash; tdev goes on.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
export TDEV_PLUGINS_PATHS=$TEST_BUILDDIR/tests/plugins-tree TDEV_CALL_RETRIES=0
[ -e "$TDEV_PLUGINS_PATHS/wild/wild.so" ] || { echo "the test plugin wild is not built"; exit 77; }
"$TDEV" doctor >out 2>err
grep -q '^note *isolation' out && { echo "$(grep isolation out)"; exit 77; }
says out "isolation"

want 0 "$TDEV" plugin info wild; says out "runs in a process of its own"
want 0 "$TDEV" plugin list; grep -Eq '^wild .* process ' out || fail "the list does not say process"
want 0 "$TDEV" plugin check "$TDEV_PLUGINS_PATHS/wild"; says out "is in order"
want 0 "$TDEV" agent call wild echo -i text=hello; says out '"text": "hello"'

# Calls from the inside go the host's way, and back in.
want 0 "$TDEV" agent call wild ask -i agent=echo -i action=echo -i 'input={"text": "hi"}'; says out '"text": "hi"'
want 0 "$TDEV" agent call wild count -i key=a; says out '"a"'
want 0 "$TDEV" agent call wild count -i key=a; says out '2'

# Each end is told, with where it was; the command fails, and nothing else.
want 4 "$TDEV" agent call wild die -i how=memory
at='at wild.so(+0x'
if [ -n "${SANITIZE:-}" ]; then at='at '; fi # a sanitizer's own frames stand first
says err "plugin \"wild\": crashed with SIGSEGV (invalid memory access), $at"; says err 'wild.so(+0x'
want 4 "$TDEV" agent call wild die -i how=exit; says err 'plugin "wild": ended its process with exit code 3'
want 4 "$TDEV" agent call wild die -i how=execve; says err 'crashed with SIGSYS (execve is not permitted)'

# With the usual retries a crash is tried again, in a new process.
want 4 env TDEV_CALL_RETRIES=1 TDEV_CALL_RETRY_INITIAL=1ms "$TDEV" agent call wild die -i how=kill
[ "$(grep -c 'warning plugin plugin "wild": crashed with SIGKILL' err)" = 2 ] || fail "not tried again"

# A workflow: the map goes on past the items whose calls crash, and the run says what became of each.
cat >dice.yaml <<'YAML'
id: dice
nodes:
  - {id: begin, type: start, next: [all]}
  - id: all
    type: map
    over: LIST
    max_parallel: 1
    max_failures: 60
    body:
      - {id: roll, type: task, agent: wild, action: dice, inputs: {n: "${item}"}}
    next: [done]
  - {id: done, type: end, output: "${nodes.all.output.filter(x, x == null).size()}"}
YAML
sed -i "s/LIST/[$(seq -s, 0 59)]/" dice.yaml
want 0 "$TDEV" run dice.yaml --json
grep -Eq '"output": *[1-9]' out || fail "no item crashed, or all did"

# Files and network are those of the manifest. Nothing of tdev is left behind.
want 0 "$TDEV" agent call wild escape -i what=read -i path=/etc/shadow; says out EACCES
want 0 "$TDEV" agent call wild escape -i what=connect -i port=9; says out EPERM
[ -z "$(find "$dir" -name '*.state')" ] || fail "a state file was left behind"

# A reducer cannot wait for a process; a folder that says nothing is isolated, one that asks for inline is refused.
mkdir -p own/wild && cp "$TDEV_PLUGINS_PATHS"/wild/* own/wild/ && chmod u+w own/wild/plugin.yaml
sed -i '/^isolation:/d' own/wild/plugin.yaml
TDEV_PLUGINS_PATHS=$dir/own want 0 "$TDEV" plugin info wild; says out "runs in a process of its own"
echo "isolation: inline" >>own/wild/plugin.yaml
TDEV_PLUGINS_PATHS=$dir/own want 3 "$TDEV" plugin check own/wild; says err "cannot run inside the host from folder"
mkdir -p own/chorus; printf 'apiVersion: tdev/v1\nkind: pattern\nname: chorus\nversion: 1.0.0\nlibrary: x.so\nsdk: "1"\nisolation: process\n' >own/chorus/plugin.yaml
want 3 "$TDEV" plugin check own/chorus; says err 'a pattern cannot run with isolation "process", only agents can'
echo "ok"
