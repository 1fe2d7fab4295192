#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# client: requests a second of the gateway's client against those of wrk, at the same nginx (`return 200`), in turns; nginx with one
# worker on one core, who asks with 64 connections on another.
#
#   client.sh PERCENT           (BENCH_SELF: the program bench)
set -u

for program in nginx wrk taskset; do
    command -v $program >/dev/null || { echo "client: no $program: nothing to ask (install nginx, wrk)" >&2; exit 77; }
done
[ "$(nproc)" -ge 2 ] || { echo "client: one core only: both sides would share it" >&2; exit 77; }
folder=$(mktemp -d /var/tmp/tdev-bench-XXXXXX) || exit 1
server=''
trap '[ -n "$server" ] && kill $server 2>/dev/null; wait; rm -rf "$folder"' EXIT
fail() { echo "client: $*" >&2; exit 1; }

# nginx wants a port by name: one that it can have is found by trying.
port=$((20000 + $$ % 20000))
tries=0
until [ -s "$folder/nginx.pid" ]; do
    [ $tries -lt 20 ] || fail "nginx: $(cat "$folder/nginx.log")"
    cat >"$folder/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $folder/nginx.pid; error_log $folder/nginx.log;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 100000000; client_body_temp_path $folder/a; proxy_temp_path $folder/b;
    fastcgi_temp_path $folder/c; uwsgi_temp_path $folder/d; scgi_temp_path $folder/e; default_type application/json;
    server { listen 127.0.0.1:$port; location / { return 200 '{"status":"ok"}\n'; } }
}
CONF
    taskset -c 0 nginx -c "$folder/nginx.conf" 2>>"$folder/nginx.log" &
    server=$!
    while [ ! -s "$folder/nginx.pid" ] && kill -0 $server 2>/dev/null; do sleep 0.05; done
    [ -s "$folder/nginx.pid" ] && break
    tries=$((tries + 1))
    port=$((port + 1))
done

ask()
{
    BENCH_URL=http://127.0.0.1:$port taskset -c 1 "$BENCH_SELF" --child gets --percent "$1" >"$folder/said" 2>"$folder/words" || return 1
    for name in per_s cpu_us; do
        sed -n 's/.*"http_client_'$name'", *"value": *\([0-9.]*\).*/\1/p' "$folder/said"
    done | paste - -
}

load()
{
    taskset -c 1 wrk -t1 -c64 -d"$seconds" "http://127.0.0.1:$port/" >"$folder/words" 2>&1 || return 1
    grep -q 'Non-2xx\|Socket errors' "$folder/words" && return 1
    awk '/^Requests\/sec:/ { print $2 }' "$folder/words"
}

seconds=$(($1 >= 100 ? 3 : 1)) # each of six turns
turn=0
while [ $turn -lt 3 ]; do
    ask "$1" >>"$folder/ours" || fail "$(cat "$folder/words")"
    load >>"$folder/theirs" || fail "wrk: $(cat "$folder/words")"
    turn=$((turn + 1))
done
paste "$folder/ours" "$folder/theirs" | awk '{ ours += $1; cpu += $2; theirs += $3 } END {
    printf "{\"name\":\"http_client_per_s\",\"value\":%.0f,\"unit\":\"1/s\",\"class\":\"M\"}\n", ours / NR
    printf "{\"name\":\"http_client_cpu_us\",\"value\":%.2f,\"unit\":\"us\",\"class\":\"M\"}\n", cpu / NR
    printf "{\"name\":\"http_client_wrk_per_s\",\"value\":%.0f,\"unit\":\"1/s\",\"class\":\"M\"}\n", theirs / NR
    printf "{\"name\":\"http_client_to_wrk\",\"value\":%.3f,\"unit\":\"x\",\"class\":\"M\"}\n", ours / theirs }'
