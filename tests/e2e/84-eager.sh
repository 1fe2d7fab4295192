#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plugins.load: eager makes all agents that have files before tdevd is ready, says which cannot be, and chooses versions for all together;
# lazy does none of that; optimistic does it once it is ready.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
built=$TEST_BUILDDIR/tests/plugins/turn/.libs
if [ ! -e "$built/turn1.so" ]; then echo "the test plugin turn is not built"; exit 77; fi
use_steps
mkdir -p conf/agents plugins
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT

# begin LOAD: tdevd with that strategy; what it says until it is ready is in said.
begin() {
    printf 'log: {level: info}\nplugins: {load: %s}\n' "$1" >conf/tdevd.yaml
    rm -f pipe said; mkfifo pipe
    "$tdevd" 2>pipe &
    pid=$!
    exec 7<pipe
    while read -r line <&7; do
        echo "$line" >>said
        case $line in *"is ready"*) cat <&7 >>rest & return ;; esac
    done
    fail "tdevd did not get ready: $(cat said)"
}
finish() { kill -TERM $pid; wait $pid || fail "tdevd exits $?: $(cat said rest)"; pid=; }

for version in 1 2; do
    mkdir "plugins/turn@$version.0.0"
    sed "s/^version: .*/version: $version.0.0/" "$TEST_SRCDIR/tests/plugins/turn/plugin.yaml" >"plugins/turn@$version.0.0/plugin.yaml"
    cp "$built/turn$version.so" "plugins/turn@$version.0.0/turn.so"
done
cp -r "$TEST_BUILDDIR/tests/plugins-tree/steps" plugins/
echo 'requires: [{plugin: turn, version: "^1"}]' >>plugins/steps/plugin.yaml
echo 'plugin: turn' >conf/agents/a-turn.yaml
echo 'plugin: steps' >conf/agents/b-steps.yaml
echo 'plugin: nowhere' >conf/agents/c-lost.yaml

begin lazy
if grep -q 'agents that files name' said; then fail "lazy made agents: $(cat said)"; fi
finish
begin eager
says said 'agent "c-lost" cannot be used: initialization, step 2 of 6 (resources): agent "nowhere" is not there'
says said 'all agents that files name are loaded agents=3 failed=1'
# turn alone would be 2.0.0, which steps does not take.
if grep -q 'b-steps' said; then fail "not chosen together: $(cat said)"; fi
finish
# optimistic: ready first, then the same, without a call.
rm -f rest
begin optimistic
if grep -q 'agents that files name' said; then fail "optimistic held the start up: $(cat said)"; fi
until grep -q 'agents that files name' rest; do kill -0 $pid || fail "tdevd is gone: $(cat said rest)"; done
says rest 'all agents that files name are loaded agents=3 failed=1'
says rest 'agent "c-lost" cannot be used'
if grep -q 'b-steps' rest; then fail "not chosen together: $(cat rest)"; fi
want 0 "$TDEV" agent status a-turn; says out started
finish
# What cannot be together is told, and each has what it can.
echo 'plugin: turn@^2' >conf/agents/a-turn.yaml
begin eager
says said 'versions are not chosen for all agents together: there are no versions that go together'
says said 'agent "b-steps" cannot be used: initialization, step 2 of 6 (resources): plugin "steps": there are no versions that go together'
says said 'all agents that files name are loaded agents=3 failed=2'
finish
