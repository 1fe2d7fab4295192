#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# http: requests a second of tdevd's health route against nginx's `return 200` with the same body; in turns, each server with one
# worker on one core, the load (wrk, 64 connections) on another.
#
#   http.sh PERCENT           (BENCH_TDEV: the program tdev; tdevd stands beside it)
set -u

for program in nginx wrk taskset; do
    command -v $program >/dev/null || { echo "http: no $program: nothing to compare with (install nginx, wrk)" >&2; exit 77; }
done
[ "$(nproc)" -ge 2 ] || { echo "http: one core only: load and server would share it" >&2; exit 77; }
folder=$(mktemp -d /var/tmp/tdev-bench-XXXXXX) || exit 1
ours='' theirs=''
trap '[ -n "$ours" ] && kill $ours 2>/dev/null; [ -n "$theirs" ] && kill $theirs 2>/dev/null; wait; rm -rf "$folder"' EXIT
fail() { echo "http: $*" >&2; exit 1; }

# nginx wants a port by name: the one that tdevd has got, and one more.
export TDEV_STATE_DIR="$folder/state" TDEV_HTTP_LISTEN=127.0.0.1:0 TDEV_RUNTIME_WORKERS=1 TDEV_LOG_LEVEL=info
taskset -c 0 "${BENCH_TDEV}d" 2>"$folder/said" &
ours=$!
until grep -q 'is ready' "$folder/said"; do kill -0 $ours 2>/dev/null || fail "tdevd: $(cat "$folder/said")"; sleep 0.05; done
port=$(sed -n 's/.* listens address="127.0.0.1:\([0-9]*\)".*/\1/p' "$folder/said")
other=$((port < 65535 ? port + 1 : port - 1))
cat >"$folder/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $folder/nginx.pid; error_log $folder/nginx.log;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 100000000; client_body_temp_path $folder/a; proxy_temp_path $folder/b;
    fastcgi_temp_path $folder/c; uwsgi_temp_path $folder/d; scgi_temp_path $folder/e; default_type application/json;
    server { listen 127.0.0.1:$other; location / { return 200 '{"status":"ok"}\n'; } }
}
CONF
taskset -c 0 nginx -c "$folder/nginx.conf" 2>>"$folder/nginx.log" &
theirs=$!
until [ -s "$folder/nginx.pid" ]; do kill -0 $theirs 2>/dev/null || fail "nginx: $(cat "$folder/nginx.log")"; sleep 0.05; done

# $1: port; prints requests a second
load()
{
    taskset -c 1 wrk -t1 -c64 -d"$seconds" "http://127.0.0.1:$1/healthz" >"$folder/wrk" 2>&1 || return 1
    grep -q 'Non-2xx\|Socket errors' "$folder/wrk" && return 1
    awk '/^Requests\/sec:/ { print $2 }' "$folder/wrk"
}

seconds=$(($1 >= 100 ? 3 : 1)) # each of six turns
turn=0
while [ $turn -lt 3 ]; do
    load "$port" >>"$folder/ours" || fail "tdevd: $(cat "$folder/wrk")"
    load "$other" >>"$folder/theirs" || fail "nginx: $(cat "$folder/wrk")"
    turn=$((turn + 1))
done
paste "$folder/ours" "$folder/theirs" | awk '{ ours += $1; theirs += $2 } END {
    printf "{\"name\":\"http_health_per_s\",\"value\":%.0f,\"unit\":\"1/s\",\"class\":\"M\"}\n", ours / NR
    printf "{\"name\":\"http_nginx_per_s\",\"value\":%.0f,\"unit\":\"1/s\",\"class\":\"M\"}\n", theirs / NR
    printf "{\"name\":\"http_health_to_nginx\",\"value\":%.3f,\"unit\":\"x\",\"class\":\"M\",\"budget\":0.7,\"least\":true}\n", ours / theirs }'
