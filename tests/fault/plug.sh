#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fault/plug: a plugin is exchanged again and again while its daemon works: no run fails, every one has answers of one build only, and the
# memory and descriptors of the daemon stay what they were.
#
#   TDEV=the program, PLUGS=how many times (default 10)
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state TDEV_STORE_DURABILITY=normal
built=$TEST_BUILDDIR/tests/plugins/turn/.libs
plugs=${PLUGS:-10}
if [ ! -e "$built/turn1.so" ]; then echo "the test plugin turn is not built"; exit 77; fi
mkdir -p conf/workflows plugins
export TDEV_PLUGINS_PATHS=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins
pid= load=
trap '[ -n "$load" ] && kill -9 $load 2>/dev/null; [ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT
echo 'log: {level: info}' >conf/tdevd.yaml
cat >conf/workflows/work.yaml <<'YAML'
id: work
triggers: [{event: work, inputs: {list: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}}]
nodes:
  - {id: begin, type: start, next: [all]}
  - id: all
    type: map
    over: "${input.list}"
    max_parallel: 10
    next: [check]
    output: "${nodes.say.output.turn}"
    body:
      - {id: say, type: task, agent: turn, action: say, inputs: {ms: 1}}
  - {id: check, type: decision, next: [{to: bad, when: "size(nodes.all.output.filter(x, x != nodes.all.output[0])) > 0"}, {to: done, otherwise: true}]}
  - {id: bad, type: set, output: "${[1][9]}", next: [done]}
  - {id: done, type: end, output: {turn: "${nodes.all.output[0]}"}}
YAML
plug() {
    rm -rf new old; mkdir new
    sed "s/^version: .*/version: $1.0.0/" "$TEST_SRCDIR/tests/plugins/turn/plugin.yaml" >new/plugin.yaml
    cp "$built/turn$1.so" new/turn.so
    [ ! -e plugins/turn ] || mv plugins/turn old
    mv new plugins/turn
}
until_true() { until "$@" >/dev/null 2>&1; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done; }
# answers BUILD: the newest run that is done has answers of that build.
answers() {
    newest=$("$TDEV" runs list --status done --name work -n 1 | cut -d' ' -f1)
    "$TDEV" runs show "$newest" --json | grep -q "\"turn\": $1"
}
# served: how many exchanges the log tells of; of lines that say the same within seconds only some are written, and the rest counted.
served() { awk '/serves now/ { n += match($0, /repeated [0-9]+/) ? substr($0, RSTART + 9, RLENGTH - 9) : 1 } END { print n + 0 }' log; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status; }
handles() { ls /proc/$pid/fd | wc -l; }
# copies: how many libraries of plugins are mapped.
copies() { grep -o 'plugins/[0-9a-f]*\.so' /proc/$pid/maps | sort -u | wc -l; }

plug 1
# What was freed is not to be counted because a sanitizer holds it back.
ASAN_OPTIONS=quarantine_size_mb=1:${ASAN_OPTIONS-} "$tdevd" 2>log &
pid=$!
until_true grep -q 'is ready' log
is_watched() { "$TDEV" trigger list >list && grep "^work " list >rows && ! grep -q 'not watched yet' rows; }
until_true is_watched
(while :; do "$TDEV" event emit work >/dev/null 2>&1 </dev/null; done) &
load=$!
has_answered() { "$TDEV" runs list --status done --name work | grep -q "work"; }
until_true has_answered # so the first build is loaded
early=0
for ((i = 1; i <= plugs; i++)); do
    plug $((i % 2 + 1))
    until_true answers $((i % 2 + 1))
    if [ $i = 1 ]; then begun_copies=$(copies); fi
    if [ $i = $((plugs / 5 + 1)) ]; then early=$(resident); early_fds=$(handles); fi
done
kill $load; wait $load 2>/dev/null; load=
late=$(resident)
for kind in failed parked; do
    "$TDEV" runs list --status $kind >list
    grep -q work list && fail "runs ended as $kind: $("$TDEV" runs report "$(sed 's/ .*//;q' list)")"
done
# What is left of old builds goes when their runs have ended.
ended() { "$TDEV" runs list --status running | grep -q "no runs"; }
until_true ended
has_copies() { [ "$(copies)" -le "$1" ]; }
until_true has_copies "$begun_copies"
[ "$(handles)" -le $((early_fds + 8)) ] || fail "there were $early_fds descriptors, there are $(handles)"
[ "$late" -le $((early + 4096)) ] || fail "the daemon had $early KiB early, and $late KiB in the end"
kill -TERM $pid; wait $pid || fail "tdevd exits $?: $(tail -3 log)"; pid=
[ "$(served)" = "$plugs" ] || fail "the log tells of $(served) exchanges, not $plugs: $(cat log)"
echo "$plugs exchanges, $(ls state | wc -l) files; $early KiB of memory early, $late KiB in the end"
