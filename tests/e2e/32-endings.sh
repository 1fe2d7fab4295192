#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin that ends the process is named, the exit code is that of a failure, and its run can go on.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
ulimit -c 0
use_steps
ways='exit|ended the process with exit()
_exit|ended the process with _exit()
pthread_exit|ended its thread with pthread_exit()
quick_exit|ended the process with exit()'
opening='exit|ended the process with _exit()'
if ! grep -q -- '-fsanitize' "$TEST_BUILDDIR/Makefile"; then # a sanitizer tells of crashes in its own words
    ways="$ways
abort|crashed: it called abort()
memory|crashed: invalid memory access
stack|crashed: invalid memory access"
    opening="$opening
abort|crashed: it called abort()"
fi

while IFS='|' read -r how words; do
    want 1 "$TDEV" agent call steps end -i how="$how"; says err "tdev: plugin \"steps\" $words"
done <<<"$ways"

# In a workflow; what was done stays done, and the run can be seen and taken up.
cat >ends.yaml <<'YAML'
id: ends
nodes:
  - {id: begin, type: start, next: [first]}
  - {id: first, type: task, agent: steps, action: append, inputs: {file: "${input.file}", line: first}, next: [last]}
  - {id: last, type: task, agent: steps, action: end, inputs: {how: _exit}, next: [done]}
  - {id: done, type: end}
YAML
want 1 "$TDEV" run ends.yaml -i file="$dir/lines"
says err 'tdev: plugin "steps" ended the process with _exit()'; says err '"tdev runs resume" goes on'
want 0 "$TDEV" runs list; says out orphaned
want 1 "$TDEV" runs resume; says err 'tdev: plugin "steps" ended the process with _exit()'
[ "$(wc -l <lines)" = 1 ] || fail "the step before it was done again"
"$TDEV" runs list --status orphaned | cut -d' ' -f1 | xargs -n1 "$TDEV" runs cancel -q >out 2>err || fail "cannot end the run"

# Also one that has done nothing yet can go on.
sed -e 's/next: \[first\]/next: [last]/' -e '/id: first/d' -e 's/_exit/exit/' ends.yaml >at-once.yaml
want 1 "$TDEV" run at-once.yaml; says err 'tdev: plugin "steps" ended the process with exit()'
want 0 "$TDEV" runs list --status orphaned; says out "  ends  "
want 1 "$TDEV" runs resume; says err 'tdev: plugin "steps" ended the process with exit()'

# After three times it is left alone, and what ends the process is named.
want 1 "$TDEV" runs resume; want 1 "$TDEV" runs resume
want 1 "$TDEV" runs resume; says err 'step "last" (steps.end)'
want 0 "$TDEV" runs list --status parked; says out "  ends  "

# In the blocking pool.
mkdir -p own && cp -r "$TDEV_PLUGINS_PATHS/steps" own/ && sed -i 's/^execution: async/execution: blocking/' own/steps/plugin.yaml || exit 99
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own
while IFS='|' read -r how words; do
    want 1 "$TDEV" agent call steps end -i how="$how"; says err "tdev: plugin \"steps\" $words"
done <<<"$ways"

# While its library is opened; a child of ours that opens it ends as it likes, and that is told.
while IFS='|' read -r how words; do
    cp "$TEST_BUILDDIR/tests/plugins/.libs/misfit_$how.so" own/steps/steps.so || exit 99
    want 1 "$TDEV" agent call steps pure -i n=1; says err "tdev: plugin \"steps\" $words"
    want 3 "$TDEV" plugin check own/steps; says err "opening it ended the process"
done <<<"$opening"
echo "ok"
