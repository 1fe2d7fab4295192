#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tdevd over HTTP: health, readiness and metrics; what could be smuggled is refused; slow and killed clients are left; SIGTERM lets
# requests end; TLS with certificates that change; what it will not listen on.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
command -v curl >/dev/null || { echo "no curl"; exit 77; }
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export TDEV_CONFIG=$dir/conf/tdevd.yaml TDEV_STATE_DIR=$dir/state
mkdir conf
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$dir"' EXIT

# begin: starts tdevd, and returns when it is ready; its port is in $port.
begin() {
    rm -f said; mkfifo said
    "$tdevd" 2>said &
    pid=$!
    exec 7<said
    : >log
    until_said "is ready"
    port=$(sed -n 's/.* listens address="127.0.0.1:\([0-9]*\)".*/\1/p' log)
    url=http://127.0.0.1:$port
}
# until_said TEXT: reads what tdevd says up to there.
until_said() {
    while read -r line <&7; do
        echo "$line" >>log
        case $line in *"$1"*) return ;; esac
    done
    fail "tdevd ended without \"$1\": $(cat log)"
}
finish() { kill -TERM $pid; wait $pid || fail "tdevd exits $? on SIGTERM: $(cat log)"; pid=; cat <&7 >>log; }
# open FD: a connection.
open() { eval "exec $1<>/dev/tcp/127.0.0.1/$port" || fail "no connection to $port"; }
# until_metric NAME VALUE
until_metric() {
    until [ "$(curl -s "$url/metrics" | sed -n "s/^$1 //p")" = "$2" ]; do
        kill -0 $pid || fail "tdevd is gone: $(cat log)"
    done
}

# --- what it tells ---
echo 'http: {access_log: on, head_timeout: 20s, connections: 50}' >conf/tdevd.yaml
begin
want 0 curl -sSi "$url/healthz"; says out "HTTP/1.1 200 OK"; says out '{"status":"ok"}'
want 0 curl -sSi "$url/readyz"; says out "HTTP/1.1 200 OK"; says out '{"status":"ready"}'
want 0 curl -sSI "$url/healthz"; says out "Content-Length: 16"
want 0 curl -sSi "$url/nothing"; says out "HTTP/1.1 404 Not Found"; says out "application/problem+json"
want 0 curl -sSi -X POST "$url/healthz"; says out "HTTP/1.1 405 Method Not Allowed"; says out "Allow: GET, HEAD, OPTIONS"
want 0 curl -sSi "$url/metrics"; says out "Content-Type: text/plain; version=0.0.4; charset=utf-8"
says out "# TYPE tdev_http_requests_total counter"; says out "tdev_http_requests_total 6"; says out "tdev_http_connections 1"
says out "tdev_build_info{version="; says out "process_resident_memory_bytes "
if command -v promtool >/dev/null; then
    curl -s "$url/metrics" | promtool check metrics >lint 2>&1 || fail "promtool: $(cat lint)"
    [ -s lint ] && fail "promtool: $(cat lint)"
fi
until_said "GET /metrics 200"; says log "GET /nothing 404"

# --- smuggling: one refusal, the end of the connection, and nothing of what follows is answered ---
refused() {
    open 8
    printf "$2"'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n' >&8
    timeout 20 cat <&8 >out || fail "the connection stays after: $2"
    exec 8>&-
    [ "$(grep -c '^HTTP/1.1' out)" = 1 ] || fail "not one reply to: $2"
    says out "HTTP/1.1 $1"; says out "Connection: close"
}
refused 400 'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
refused 400 'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 0\r\n\r\n'
refused 501 'GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'
refused 400 'GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n'
refused 400 'GET /healthz HTTP/1.1\nHost: a\n\n'
refused 400 'GET /healthz HTTP/1.1\r\n\r\n'

# --- a client that is killed is forgotten ---
( open 8; printf 'GET /healthz HTTP/1.1\r\nHost: a' >&8; echo >there; exec cat <&8 ) >/dev/null &
client=$!
until [ -e there ]; do :; done
until_metric tdev_http_connections 2
kill -9 $client; wait $client 2>/dev/null
until_metric tdev_http_connections 1

# --- SIGTERM: what has begun is answered, what has not is ended ---
open 8; open 9
printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\n' >&8
until_metric tdev_http_connections 3 # and of these the first has been read
read -r -t 20 line <&8 && case $line in *"200 OK"*) ;; *) fail "healthz says $line" ;; esac
kill -TERM $pid
until_said "ends; runs"
timeout 20 cat <&9 >out || fail "a connection without a request stays"
[ -s out ] && fail "a connection without a request got something: $(cat out)"
exec 9>&-
printf 'Host: a\r\n\r\n' >&8
timeout 20 cat <&8 >out || fail "the connection stays"
exec 8>&-
says out "503 Service Unavailable"; says out "not ready: tdevd ends"; says out "Connection: close"
wait $pid || fail "tdevd exits $? on SIGTERM: $(cat log)"
pid=

# --- slow clients ---
echo 'http: {head_timeout: 100ms}' >conf/tdevd.yaml
begin
open 8
printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n' >&8
timeout 20 cat <&8 >out || fail "a slow client is not left"
exec 8>&-
says out "408 Request Timeout"
want 1 env TDEV_STATE_DIR="$dir/other" TDEV_HTTP_LISTEN=127.0.0.1:$port "$tdevd"
says err "could not listen on 127.0.0.1:$port"; says err 'set http.listen to another address, or to "off"'
finish

# --- what it will not do ---
want 3 env TDEV_HTTP_LISTEN=0.0.0.0:0 "$tdevd"
says err "can be reached from other machines, which takes TLS and authentication"; says err "let a proxy before it see to both"
want 3 env TDEV_HTTP_LISTEN=here "$tdevd"
says err '"here" is no address to listen on'
export TDEV_HTTP_LISTEN=off
begin
[ -z "$port" ] || fail "tdevd listens, which is off"
finish
export TDEV_HTTP_LISTEN=127.0.0.1:0

# --- TLS ---
command -v openssl >/dev/null || exit 0
certify() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.new -out "$1" -days 2 -subj "/CN=$1" \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null || fail "openssl makes no certificate"
    cp "$1" conf/tdevd.crt; cp key.new conf/tdevd.key
}
certify one.pem
echo 'http: {certificate: tdevd.crt, key: tdevd.key}' >conf/tdevd.yaml
begin
url=https://127.0.0.1:$port
want 0 curl -sS --cacert one.pem "$url/healthz"; says out '{"status":"ok"}'
want 0 curl -sS --cacert one.pem --tls-max 1.2 "$url/metrics"; says out "tdev_http_requests_total"
want 35 curl -sS --cacert one.pem --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "$url/healthz"
certify two.pem
kill -HUP $pid; until_said "read the configuration again"
until curl -s --cacert two.pem "$url/healthz" >out; do kill -0 $pid || fail "tdevd is gone: $(cat log)"; done
want 60 curl -sS --cacert one.pem "$url/healthz"
echo broken >conf/tdevd.crt
kill -HUP $pid; until_said "could not use the certificate"
want 0 curl -sS --cacert two.pem "$url/healthz"
finish
want 3 "$tdevd"; says err 'could not use the certificate'
