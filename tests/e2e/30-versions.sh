#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several versions of one plugin beside each other: the newest that goes with the rest serves, an agent's file may want less, what cannot
# be is told with who wants what, and `plugin deps` shows it.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
built=$TEST_BUILDDIR/tests/plugins/turn/.libs
if [ ! -e "$built/turn1.so" ]; then echo "the test plugin turn is not built"; exit 77; fi
use_steps
mkdir -p plugins config/tdev/agents
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins

# plug FOLDER VERSION: that build.
plug() {
    mkdir "plugins/$1"
    sed "s/^version: .*/version: $2.0.0/" "$TEST_SRCDIR/tests/plugins/turn/plugin.yaml" >"plugins/$1/plugin.yaml"
    cp "$built/turn$2.so" "plugins/$1/turn.so"
}
# steps_wants RANGE: the plugin steps requires turn in that range.
steps_wants() {
    rm -rf plugins/steps
    cp -r "$TEST_BUILDDIR/tests/plugins-tree/steps" plugins/
    echo "requires: [{plugin: turn, version: \"$1\"}, {plugin: nothing, optional: true}]" >>plugins/steps/plugin.yaml
}

plug turn 1
plug turn@2.0.0 2
want 0 "$TDEV" agent call turn say
says out '"turn": 2'

# An agent's file that wants less binds the choice; a range that is none is told with its place.
echo 'plugin: turn@^1' >config/tdev/agents/old.yaml
want 0 "$TDEV" agent call old say
says out '"turn": 1'
echo 'plugin: turn@^^1' >config/tdev/agents/old.yaml
want 3 "$TDEV" agent call old say
says err 'old.yaml:1:9: range "^^1"'
echo 'plugin: turn@^3' >config/tdev/agents/old.yaml
want 3 "$TDEV" agent call old say
says err 'there are no versions that go together; turn 2.0.0 is out: agent "old" wants turn ^3; turn 1.0.0 is out: agent "old" wants turn ^3'
rm config/tdev/agents/old.yaml

# What is required gets the version it asks for, and what is shown says why.
steps_wants ^1
want 0 "$TDEV" plugin deps steps
says out 'turn 1.0.0'
says out 'turn 2.0.0 is out: steps 1.0.0 wants turn ^1'
says out 'steps 1.0.0, requires turn ^1 (1.0.0), nothing *? (-)'
want 0 "$TDEV" plugin deps steps --tree
[ "$(cat out)" = "steps 1.0.0
  turn ^1 (1.0.0)
  nothing *? (-)" ] || fail "not that tree"
want 0 "$TDEV" plugin deps steps --order
[ "$(cat out)" = "  1  turn
  2  steps" ] || fail "not that order"
want 0 "$TDEV" plugin deps steps --critical --json
python3 - <<'PY' || fail "the chain's time is not the sum of its plugins, first and last counted"
import json, sys
critical = json.load(open("out"))["critical"]
assert [p["name"] for p in critical["plugins"]] == ["turn", "steps"]
assert all(p["ms"] > 0 for p in critical["plugins"])
assert abs(critical["ms"] - sum(p["ms"] for p in critical["plugins"])) < 1e-6
PY
steps_wants ^3
want 3 "$TDEV" plugin deps steps
says err 'it requires turn ^3, there is 2.0.0, 1.0.0'

# A folder that lies about its version is out, and says so when there is no other.
plug turn@9.0.0 1
want 0 "$TDEV" agent call turn say
says out '"turn": 2'
rm -r plugins/turn plugins/turn@2.0.0
want 3 "$TDEV" agent call turn say
says err 'version "1.0.0" is not that of the folder "turn@9.0.0"'
