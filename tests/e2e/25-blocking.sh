#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plugins that block may call each other, also when there is but one thread for them.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
mkdir -p mine/steps
cp "$TEST_BUILDDIR/tests/plugins-tree/steps/steps.so" mine/steps/
sed 's/^execution: async/execution: blocking/' "$TEST_SRCDIR/tests/plugins/steps/plugin.yaml" >mine/steps/plugin.yaml
export TDEV_PLUGIN_PATH=$dir/mine TDEV_PLUGINS_INLINE=$dir/mine TDEV_RUNTIME_BLOCKING_THREADS=1
cat >nest.yaml <<'YAML'
id: nest
nodes:
  - {id: begin, type: start, next: [each]}
  - id: each
    type: map
    over: "${[1, 2, 3, 4, 5, 6, 7, 8]}"
    body: [{id: one, type: task, agent: steps, action: nest, inputs: {agent: steps, action: pure, input: {n: "${item}"}}}]
    next: [done]
  - {id: done, type: end, output: "${size(nodes.each.output)}"}
YAML
want 0 timeout 60 "$TDEV" run nest.yaml -q
[ "$(cat out)" = 8 ] || fail "not all eight calls came back"

# One that holds the worker, here as nobody ever reads the pipe, is named while it does.
unset TDEV_PLUGIN_PATH TDEV_PLUGINS_INLINE TDEV_RUNTIME_BLOCKING_THREADS
use_steps
mkfifo held said
"$TDEV" agent call steps append -i file="$dir/held" -i line=x 2>said &
while read -r line; do
    case $line in *"held for more than a second"*) break ;; esac
done <said
kill $! && wait $! && fail "it ended by itself"
case $line in *steps*) ;; *) fail "nobody says that steps holds the worker: $line" ;; esac
echo "ok"
