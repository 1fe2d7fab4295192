#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# syncs: how often the disk is waited for: calls of fdatasync and fsync per durable step, counted with strace.
#
#   syncs.sh PERCENT          (BENCH_SELF: the program bench; PERCENT is not used: the count has no noise)
#
# Each case runs twice, the second time with more steps: the difference leaves out what opening and closing the store,
# the start of runs and their end cost.
set -u

command -v strace >/dev/null || { echo "syncs: no strace (install strace): fdatasync is not counted" >&2; exit 77; }
folder=$(mktemp -d /var/tmp/tdev-bench-XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT

# Calls of both in one whole process. $1: effects, $2: runs at once, $3: steps of each.
count()
{
    strace -f -c -o "$folder/counts" -e trace=fdatasync,fsync \
        "$BENCH_SELF" --child count-steps --effects "$1" --runs "$2" --steps "$3" >&2 || return 1
    awk '$NF == "fdatasync" || $NF == "fsync" { calls += $4 } END { print calls + 0 }' "$folder/counts"
}

# $1: effects, $2: runs, $3 and $4: steps
measure()
{
    few=$(count "$1" "$2" "$3") && many=$(count "$1" "$2" "$4") ||
        { echo "syncs: could not count with strace (may it trace processes here?)" >&2; exit 77; }
    awk -v few="$few" -v many="$many" -v steps="$((($4 - $3) * $2))" -v name="syncs_$1_$2" 'BEGIN {
        printf "{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"/step\",\"class\":\"F\"}\n", name, (many - few) / steps }'
}

measure none 1 5000 25000
measure none 1000 10 210
measure external 1 50 250
measure external 16 20 100
measure external 1000 5 55
