#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A step with an external effect that was under way at a crash is in doubt: a person decides, and nothing is done twice silently.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
use_steps
cat >doubt.yaml <<'YAML'
id: doubt
inputs: {type: object}
nodes:
  - {id: begin, type: start, next: [nap]}
  - {id: nap, type: task, agent: steps, action: nest, in_doubt: ask, inputs: {agent: steps, action: slow, input: {ms: 60000}}, next: [done]}
  - {id: done, type: end, output: "${nodes.nap.output}"}
YAML
for decision in "--done 5" "--fail"; do
    "$TDEV" run doubt.yaml -q >slow.out 2>slow.err &
    pid=$!
    until "$TDEV" runs list --status running 2>/dev/null | grep -q doubt; do
        kill -0 $pid 2>/dev/null || fail "the run ended early: $(cat slow.err)"
    done
    kill -9 $pid; wait $pid 2>/dev/null
    until "$TDEV" runs list --status orphaned --json >list.json && grep -q '"id"' list.json; do :; done
    id=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' list.json | head -1)
    want 1 "$TDEV" runs resume "$id" -q; says err 'step "nap"'; says err "may have taken effect"
    want 0 "$TDEV" runs list --status in_doubt; says out "$id"
    # shellcheck disable=SC2086
    "$TDEV" runs resume "$id" -q $decision >out 2>err
    rc=$?
    case $decision in
    --done*) [ $rc = 0 ] && [ "$(cat out)" = 5 ] || fail "$decision exits $rc" ;;
    *) [ $rc = 1 ] || fail "$decision exits $rc"; says err "may have taken effect" ;;
    esac
done
echo "ok"
