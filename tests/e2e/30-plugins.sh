#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plugins are listed, shown without opening them, checked, and refused by name.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" plugin list; says out parser; says out sqlite
grep -q refused out && fail "a bundled plugin is refused"
want 0 "$TDEV" plugin info echo; says out "actions"; says out "limit"
want 0 "$TDEV" agent list; says out nl-input
want 0 "$TDEV" agent call echo echo -i text=hello; says out '"text": "hello"'
want 3 "$TDEV" agent call echo ecko; says err 'no action "ecko"'
want 3 "$TDEV" agent call echo echo -i text=5; says err "/text"
want 3 "$TDEV" plugin info nothing; says err 'nothing'
mkdir -p mine/lonely
printf 'apiVersion: tdev/v1\nkind: agent\nname: lonely\nlibary: lonely.so\n' >mine/lonely/plugin.yaml
want 3 "$TDEV" plugin check mine/lonely; says err 'plugin.yaml:4:1: unrecognized key "libary", did you mean "library"'
TDEV_PLUGIN_PATH=$dir/mine want 0 "$TDEV" plugin list; says out refused
want 0 "$TDEV" plugin matrix; says out "no rules"
want 0 "$TDEV" doctor
want 0 "$TDEV" config show; says out "runtime"
want 0 "$TDEV" config check
echo "ok"
