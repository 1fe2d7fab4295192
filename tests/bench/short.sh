#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A short form of the benches: every group measures, tells its figures with class and unit, and a group that fails is named.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trees=$TEST_BUILDDIR/plugins-tree:$TEST_BUILDDIR/tests/bench/plugins-tree
export TDEV_PLUGIN_PATH=$trees:$TEST_BUILDDIR/tests/plugins-tree TDEV_PLUGINS_RUNNER_DIR=$TEST_BUILDDIR TDEV_PLUGINS_INLINE=$trees TDEV_DATA_DIR=$TEST_SRCDIR/conf
export BENCH_TDEV=$TEST_BUILDDIR/tdev BENCH_SCRIPTS=$TEST_SRCDIR/tests/bench
unset PEERS
bench=$TEST_BUILDDIR/tests/bench/bench

fail()
{
    echo "FAIL: $*" >&2
    exit 1
}

# $1: group; the rest: figures, as NAME:CLASS
has_figures()
{
    local group=$1 figure
    shift
    "$bench" --only "$group" --percent 1 --rounds 2 -o "$folder/out.json" >"$folder/table" 2>"$folder/words" ||
        fail "group $group: $(cat "$folder/words")"
    for figure; do
        grep -Eq "^${figure%:*} +[0-9.]+ [^ ]+ +${figure#*:} .* of 2$" "$folder/table" ||
            fail "group $group: no row for $figure in: $(cat "$folder/table")"
        grep -Fq "\"name\": \"${figure%:*}\"" "$folder/out.json" || fail "group $group: $figure is not in the JSON"
    done
}

has_figures parts cel_ns:M instance_100k_ns:M call_ns:M registry_query_us:M routes_per_s:M
has_figures isolated isolated_one_core_us:M isolated_two_cores_us:M isolated_first_call_ms:M isolated_one_core_cpu_us:M
has_figures processes start_to_done_ms:F build_static_ms:F
has_figures steps steps_memory:M steps_none_{1,16,1000}:F steps_{idempotent,external}_{1,16,1000}:F steps_none_1000_to_raw:F
has_figures lone append_4k_fdatasync_us:F lone_step_us:F lone_step_to_append:F
has_figures length run_{100,1000,10000}_{none,idempotent}_{us,bytes}:F
has_figures fan fan_none_{100,10000}_ms:M fan_idempotent_{100,10000}_ms:F fan_held_ms:F
has_figures many many_runs:M many_runs:F many_runs_growth:F
has_figures resume resume_runs:F resume_first_step_s:F resume_all_stepped_s:F

# Against nginx, where it is; else that is said.
if command -v nginx >/dev/null && command -v wrk >/dev/null && [ "$(nproc)" -ge 2 ]; then
    has_figures http http_health_per_s:M http_nginx_per_s:M http_health_to_nginx:M
    has_figures client http_client_per_s:M http_client_cpu_us:M http_client_wrk_per_s:M http_client_to_wrk:M
fi
has_figures daemon start_60_plugins_ms:F start_60_plugins_mb:F
mkdir "$folder/none"
for group in http client; do
    code=0
    PATH=$folder/none /bin/sh "$BENCH_SCRIPTS/$group.sh" 100 >"$folder/table" 2>"$folder/words" || code=$?
    [ "$code" = 77 ] && grep -Fq 'install nginx, wrk' "$folder/words" && [ ! -s "$folder/table" ] || fail "$group: $code, $(cat "$folder/words")"
done

# With others: ours alone when they are not there, and what to install.
PYTHON_SYSTEM=/bin/false "$bench" --peers --percent 1 --rounds 1 -o "$folder/peers.json" >"$folder/table" 2>"$folder/words" || fail "peers: $(cat "$folder/words")"
grep -Eq '^chain_10_x16 +tdev +[0-9.]+ 1/s +N' "$folder/table" || fail "peers: $(cat "$folder/table")"
grep -Eq '^agents_made_per_s +tdev ' "$folder/table" && grep -Eq '^routed_100_per_s +tdev ' "$folder/table" || fail "peers: $(cat "$folder/table")"
for peer in langgraph taskflow agents; do
    grep -Eq "^$peer: .*peers/README.md says what to install" "$folder/words" || fail "peers: $(cat "$folder/words")"
done

# Without strace that is said, and nothing is counted.
mkdir "$folder/bin"
code=0
PATH=$folder/bin /bin/sh "$BENCH_SCRIPTS/syncs.sh" 100 >"$folder/table" 2>"$folder/words" || code=$?
[ "$code" = 77 ] && grep -Fq 'no strace' "$folder/words" && [ ! -s "$folder/table" ] || fail "syncs: $code, $(cat "$folder/words")"

# A group that fails is named, and so is the command's end.
code=0
BENCH_TDEV=/bin/false "$bench" --only processes --percent 1 --rounds 1 -o "$folder/out.json" 2>"$folder/words" || code=$?
[ "$code" = 1 ] && grep -Fq 'group processes ended with 1' "$folder/words" || fail "a failed group: $code, $(cat "$folder/words")"
