#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every installed plugin keeps the rules of its kind, and its conform.yaml holds calls or cases that were tried.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
count=0
for manifest in $(find "$TDEV_STAGE" -path '*/plugins/*/plugin.yaml' | sort); do
    plugin=${manifest%/plugin.yaml}
    case ${SANITIZE:-}$plugin in
    -*/agents/exec) continue ;; # a helper with shadow memory needs more than a program may have
    esac
    want 0 "$TDEV" plugin conform "$plugin"; says out "keeps all rules"
    grep -q '^-.*not called' out && fail "an action of $plugin is never called"
    case $plugin in
    */agents/*) says out "call 1 of conform.yaml" ;;
    esac
    count=$((count + 1))
done
# An action that says nothing, neither why it failed nor what it did.
mkdir -p own/misfit
cat >own/misfit/plugin.yaml <<'YAML'
apiVersion: tdev/v1
kind: agent
name: misfit
version: 1.0.0
description: Says nothing
library: misfit.so
sdk: "^1.0"
isolation: inline
options: [{name: limit, type: int, default: 1, min: 0, max: 9, text: unused}]
capabilities: [{name: echo, effects: none, input: {type: object}, output: {type: object}}]
YAML
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own
for mute in 'mute|succeeded without an output' 'mute_fail|failed and did not say why'; do
    cp "$TEST_BUILDDIR/tests/plugins/.libs/misfit_${mute%%|*}.so" own/misfit/misfit.so || exit 99
    want 1 "$TDEV" agent call misfit echo; says err "${mute#*|}"
    want 3 "$TDEV" plugin conform own/misfit; says out "${mute#*|}"
done
[ "$count" -ge 34 ] || fail "only $count plugins are installed"
echo "ok: $count plugins"
