#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Versions of a workflow are kept in the store: new runs follow the active one or a range, old runs stay on theirs.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
mkdir -p "$XDG_CONFIG_HOME/tdev/workflows"
flow() { # VERSION SAYS
    cat >"$XDG_CONFIG_HOME/tdev/workflows/hello.yaml" <<YAML
id: hello
version: $1
nodes:
  - {id: begin, type: start, next: [w]}
  - {id: w, type: wait, signal: ok, next: [e]}
  - {id: e, type: end, output: $2}
YAML
}
# Begins a run and lets its process end once it waits; prints the run.
begin() {
    local pid id=
    : >begun
    "$TDEV" run "$1" >begun 2>&1 </dev/null &
    pid=$!
    until id=$(sed -n 's/.*waits: tdev runs signal \([^ ]*\) ok.*/\1/p' begun) && [ -n "$id" ]; do
        kill -0 "$pid" 2>/dev/null || { cat begun >&2; return 1; }
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    echo "$id"
}

flow 1.0.0 one
want 0 "$TDEV" workflow deploy hello; says out "hello 1.0.0 is active"
old=$(begin hello) || fail "no run"
flow 1.1.0 two
want 0 "$TDEV" workflow diff hello; says out "hello 1.0.0 -> hello 1.1.0"; says out '~ node e'; says out 'output: "one" -> "two"'
new=$(begin hello) || fail "no run" # the file is another, what is deployed is not
want 0 "$TDEV" runs signal "$new" ok -q; [ "$(cat out)" = '"one"' ] || fail "a file that is not deployed was followed"
want 0 "$TDEV" workflow deploy hello; says out "hello 1.1.0 is active"
want 0 "$TDEV" workflow deploy hello; says out "it was deployed already"
new=$(begin hello) || fail "no run"
want 0 "$TDEV" runs signal "$new" ok -q; [ "$(cat out)" = '"two"' ] || fail "the active version was not followed"
want 0 "$TDEV" runs signal "$old" ok -q; [ "$(cat out)" = '"one"' ] || fail "a run did not stay on its version"

# A version never changes.
flow 1.1.0 three
want 3 "$TDEV" workflow deploy hello; says err 'workflow "hello" 1.1.0 is deployed already, and is another text'
sed -i '/^version/d' "$XDG_CONFIG_HOME/tdev/workflows/hello.yaml"
want 3 "$TDEV" workflow deploy hello; says err 'workflow "hello" has no version'

# By range: the newest in it, for runs and for subworkflows.
flow 2.0.0 three
want 0 "$TDEV" workflow deploy hello
new=$(begin 'hello@^1') || fail "no run"
want 0 "$TDEV" runs signal "$new" ok -q; [ "$(cat out)" = '"two"' ] || fail "hello@^1 is not the newest of 1.x"
want 3 "$TDEV" run 'hello@^3'; says err 'workflow "hello" has no version in ^3: 2.0.0 is active'
cat >outer.yaml <<'YAML'
id: outer
nodes:
  - {id: begin, type: start, next: [s]}
  - {id: s, type: subworkflow, workflow: hello, version: ~1.0, async: true, next: [e]}
  - {id: e, type: end, output: "${nodes.s.output.run}"}
YAML
want 0 "$TDEV" run outer.yaml -q
want 0 "$TDEV" runs signal "$(tr -d '"' <out)" ok -q; [ "$(cat out)" = '"one"' ] || fail "a subworkflow is not of its range"

# Back, and forth; with a name and without.
want 0 "$TDEV" workflow versions hello; says out "* 2.0.0"; says out "  1.1.0"; says out "  1.0.0"
want 0 "$TDEV" workflow rollback hello; says out "hello 1.1.0 is active"
want 0 "$TDEV" workflow rollback hello; says out "hello 1.0.0 is active"
want 1 "$TDEV" workflow rollback hello; says err 'no other version of workflow "hello" was active before 1.0.0'
want 0 "$TDEV" workflow rollback hello --to 2.0.0; says out "hello 2.0.0 is active"
want 3 "$TDEV" workflow rollback hello --to 2.0.1; says err 'has no version 2.0.1, did you mean 2.0.0'
want 0 "$TDEV" workflow rollback hello; says out "hello 1.0.0 is active"
want 0 "$TDEV" workflow list; says out "deployed"
want 0 "$TDEV" workflow show hello@2.0.0; says out '"three"'
want 0 "$TDEV" workflow diff hello@1.0.0 hello@2.0.0; says out 'version: "1.0.0" -> "2.0.0"'

# A workflow that is only in the store.
rm "$XDG_CONFIG_HOME/tdev/workflows/hello.yaml"
want 0 "$TDEV" workflow validate hello outer.yaml
new=$(begin hello) || fail "no run"
want 0 "$TDEV" runs signal "$new" ok -q; [ "$(cat out)" = '"one"' ] || fail "what is only deployed was not followed"
want 0 "$TDEV" workflow undeploy hello; says out "3 versions taken away"
want 3 "$TDEV" run hello; says err 'there is no workflow "hello"'
want 3 "$TDEV" workflow undeploy hello; says err 'workflow "hello" is not deployed'

# The fifty newest are kept, and the active one.
flow 1.0.0 one; want 0 "$TDEV" workflow deploy hello
for i in $(seq 1 50); do flow "1.$i.0" one; want 0 "$TDEV" workflow deploy hello; done
want 0 "$TDEV" workflow versions hello; [ "$(wc -l <out)" = 50 ] || fail "not fifty versions are kept"
if grep -q ' 1\.0\.0 ' out; then fail "the oldest version is still there"; fi
echo "ok"
