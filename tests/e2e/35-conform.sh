#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every installed plugin keeps the rules of its kind, and its conform.yaml holds calls or cases that were tried.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
count=0
for manifest in $(find "$TDEV_STAGE" -path '*/plugins/*/plugin.yaml' | sort); do
    plugin=${manifest%/plugin.yaml}
    want 0 "$TDEV" plugin conform "$plugin"; says out "keeps all rules"
    grep -q '^-.*not called' out && fail "an action of $plugin is never called"
    case $plugin in
    */agents/*) says out "call 1 of conform.yaml" ;;
    esac
    count=$((count + 1))
done
[ "$count" -ge 14 ] || fail "only $count plugins are installed"
echo "ok: $count plugins"
