#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An agent that is a program: an agent file makes it, workflows know its actions, and nothing of it stays.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
talker=$TEST_BUILDDIR/tests/plugins/talker
if [ -n "${SANITIZE:-}" ]; then echo "a helper with shadow memory needs more than a program may have"; exit 77; fi
[ -x "$talker" ] || { echo "the test program talker is not built"; exit 77; }
export TDEV_CALL_RETRIES=0
# Told by an argument that no other test's has. grep's exit code says more than that: processes vanish while it looks.
talks() { [ -n "$(grep -lzxF -- "$dir/of-its-own" /proc/[0-9]*/cmdline 2>/dev/null)" ]; }
mkdir -p "$XDG_CONFIG_HOME/tdev/agents"
cat >"$XDG_CONFIG_HOME/tdev/agents/talk.yaml" <<YAML
plugin: exec
timeout: 20s
options: {command: [$talker, $dir/of-its-own], environment: ["WORDS=of its own"]}
capabilities:
  - name: echo
    effects: none
    input: {type: object, required: [text], properties: {text: {type: string}}}
    output: {type: object, properties: {text: {type: string}}}
  - {name: probe, effects: none}
  - {name: emit, effects: none}
  - {name: die, effects: none}
  - {name: children, effects: none}
  - {name: text, effects: external}
YAML
want 0 "$TDEV" agent list; grep -q '^talk .*echo,probe,emit,die,children,text' out || fail "the list has not its actions"
grep -q '^exec ' out && fail "a bridge by itself is listed as an agent"
want 0 "$TDEV" agent call talk echo -i text=hello; says out '"text": "hello"'
want 3 "$TDEV" agent call talk echo -i text=5; says err 'must be a string'
want 0 "$TDEV" agent call talk emit -i count=3; [ "$(grep -c '"n"' out)" = 3 ] || fail "not all pieces came"
want 0 "$TDEV" agent call talk probe -i path=/etc/shadow
says out '"words": "of its own"'; says out '"home": false'
want 4 "$TDEV" agent call talk die -i code=3
says err 'program of "exec/talk": ended with exit code 3'; says err 'oh dear'
want 3 "$TDEV" agent call exec echo -i text=x; says err '"exec" is no agent'

# A workflow is checked against the actions of the file, and stays resumable: the key goes along.
cat >w.yaml <<'YAML'
id: w
nodes:
  - {id: a, type: start, next: [b]}
  - {id: b, type: task, agent: talk, action: echo, inputs: {text: "${input.text}"}, next: [c]}
  - {id: c, type: end, output: "${nodes.b.output.text}"}
YAML
want 0 "$TDEV" run w.yaml -i text=hi --json; says out '"hi"'
sed 's/action: echo/action: ecko/' w.yaml >x.yaml
want 3 "$TDEV" workflow validate x.yaml; says err 'agent "talk" has no action "ecko", did you mean "echo"'
sed 's/inputs: {text: .*}, next/inputs: {txt: 1}, next/' w.yaml >x.yaml
want 3 "$TDEV" workflow validate x.yaml; says err 'x.yaml:4:'

# A broken file is told with its place; others go on.
sed 's/effects: external/efects: external/' "$XDG_CONFIG_HOME/tdev/agents/talk.yaml" >"$XDG_CONFIG_HOME/tdev/agents/bad.yaml"
want 0 "$TDEV" agent list; grep -q 'bad.yaml:13:18:.*did you mean "effects"' out || fail "the fault is not told with its place"

# What it has started ends with it, and with a tdev that is killed.
want 0 "$TDEV" agent call talk children -i count=5
talks && fail "children of the program are left"
mkfifo gate
"$TDEV" agent call talk die -i signal=19 >/dev/null 2>&1 & # it stops itself, and never answers
host=$!
until talks; do kill -0 $host || fail "it never ran"; done
kill -9 $host; wait $host 2>/dev/null
for _ in $(seq 1000); do talks || break; read -rt 0.01 <>gate; done
talks && fail "the program outlives tdev"
echo ok
