#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# daemon: how long tdevd takes with 60 plugins until it is ready, what it has in memory then, and how long after the rename of a plugin's folder
# the new build serves.
#
#   daemon.sh PERCENT           (BENCH_TDEV: the program tdev; tdevd stands beside it)
command -v bash >/dev/null || { echo "daemon: no bash: nobody reads the clock" >&2; exit 77; }
exec bash -s "$0" "$@" <<'BASH'
set -u
: "${BENCH_TDEV:?}" "${TDEV_PLUGIN_PATH:?}"
here=$(cd "$(dirname "$1")" && pwd) percent=$2 built=$(dirname "$BENCH_TDEV")
folder=$(mktemp -d /var/tmp/tdev-bench-XXXXXX) || exit 1
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
fail() { echo "daemon: $*" >&2; exit 1; }
cd "$folder" || exit 1
mkdir -p config state filler plugins/turn flows
export TDEV_CONFIG=$folder/tdevd.yaml TDEV_STATE_DIR=$folder/state XDG_CONFIG_HOME=$folder/config TDEV_HTTP_LISTEN=off LC_ALL=C
echo 'log: {level: info}' >tdevd.yaml
times=$((percent >= 100 ? 11 : 2))

# until_line TEXT: reads what tdevd says until a line has it; the time is in $now, in us.
until_line()
{
    while IFS= read -r line <&7; do
        now=${EPOCHREALTIME/./}
        echo "$line" >>log
        case $line in *"$1"*) return ;; esac
    done
    fail "tdevd ended: $(cat log)"
}
begin()
{
    : >log
    rm -f said; mkfifo said
    begun=${EPOCHREALTIME/./}
    "${BENCH_TDEV}d" 2>said &
    pid=$!
    exec 7<said
    until_line "is ready"
}
end() { exec 7<&-; kill -TERM $pid; wait $pid; pid=; }
# tell NAME UNIT BUDGET: the median of standard input.
tell()
{
    sort -n | awk -v name="$1" -v unit="$2" -v budget="$3" '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"class\":\"F\"%s}\n", name, m, unit, budget != "" ? ",\"budget\":" budget : "" }'
}

# Those that come with tdev, and copies of echo until there are 60, each in a folder of its own.
count=$(find "$built/plugins-tree" -name plugin.yaml | wc -l)
for ((i = count; i < 60; i++)); do
    cp -r "$built/plugins-tree/agents/echo" "filler/echo-$i"
    sed -i "s/^name: echo/name: echo-$i/" "filler/echo-$i/plugin.yaml"
done
plugin_path=$TDEV_PLUGIN_PATH
export TDEV_PLUGIN_PATH=$built/plugins-tree:$folder/filler TDEV_PLUGINS_INLINE=$built/plugins-tree:$folder/filler
[ "$("$BENCH_TDEV" plugin list --json | grep -c '"state": "ready"')" = 60 ] || fail "there are no 60 plugins: $("$BENCH_TDEV" plugin list 2>&1)"
for ((i = 0; i <= times; i++)); do
    begin
    [ $i = 0 ] || echo $((now - begun)) >>ready # the first makes the store
    awk '/^VmRSS:/ { print $2 }' /proc/$pid/status >>rss
    end
done
awk '{ print $1 / 1000 }' ready | tell start_60_plugins_ms ms 50
awk '{ print $1 / 1024 }' rss | tell start_60_plugins_mb MiB 12

# A plugin that is at work: called each second. Its folder is exchanged for that of another build by two renames.
turn=$built/tests/plugins/turn/.libs
[ -e "$turn/turn1.so" ] || { echo "daemon: the test plugin turn is not built (make check-unit)" >&2; exit 0; }
new_folder()
{
    mkdir new || fail "no folder for a build"
    sed "s/^version: .*/version: $1.0.0/" "$here/../plugins/turn/plugin.yaml" >new/plugin.yaml &&
        cp "$turn/turn$1.so" new/turn.so || fail "no build $1 of the test plugin turn"
}
mkdir -p conf/workflows
cat >conf/workflows/ask.yaml <<'YAML'
id: ask
triggers: [{interval: 1s}]
nodes:
  - {id: begin, type: start, next: [say]}
  - {id: say, type: task, agent: turn, action: say, next: [tell]}
  - {id: tell, type: emit, event: told, payload: {turn: "${nodes.say.output.turn}"}, next: [done]}
  - {id: done, type: end}
YAML
export TDEV_CONFIG=$folder/conf/tdevd.yaml TDEV_PLUGINS_PATHS=$folder/plugins TDEV_PLUGINS_INLINE=$folder/plugins TDEV_PLUGIN_PATH=$plugin_path
cp tdevd.yaml conf/tdevd.yaml
rmdir plugins/turn
new_folder 1; mv new plugins/turn
begin
has_told() { "$BENCH_TDEV" event list --name told -n 1 --json 2>/dev/null | grep -q "\"turn\": $1"; }
# told BUILD: waits until a run has been answered by it.
told()
{
    local left=300
    until has_told "$1"; do
        kill -0 $pid && [ $((left -= 1)) -gt 0 ] || fail "build $1 does not answer: $(cat log)"
        sleep 0.1
    done
}
told 1
# Fewer than the log would damp.
for ((i = 0; i < times && i < 8; i++)); do
    build=$((i % 2 == 0 ? 2 : 1))
    new_folder $build
    rm -rf old; mv plugins/turn old
    begun=${EPOCHREALTIME/./}
    mv new plugins/turn
    until_line "version $build.0.0 serves now"
    echo $((now - begun)) >>reload
    told $build # and so it is: the next call is answered by it
done
end
awk '{ print $1 / 1000 }' reload | tell reload_ms ms ''
BASH
