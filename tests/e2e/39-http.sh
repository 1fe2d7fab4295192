#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An agent that is a server: what is sent, what comes back, and what each failure of a server becomes.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
server=$TEST_BUILDDIR/tests/plugins/server
[ -x "$server" ] || { echo "the test server is not built"; exit 77; }
command -v openssl >/dev/null || { echo "no openssl program, so no certificates"; exit 77; }
export TDEV_CALL_RETRIES=0 WORD=s3cret
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
pids=
trap 'for pid in $pids; do kill -9 -- "-$pid"; done 2>/dev/null; rm -rf "$dir"' EXIT

# serve NAME [CERTIFICATE KEY]: a server, and its port in $port
serve() {
    local name=$1
    "$server" "$dir/$@" &
    pids="$pids $!"
    until [ -s "$dir/$name" ]; do kill -0 $! 2>/dev/null || fail "the server does not start"; done
    port=$(cat "$dir/$name")
}
serve plain
plain=$port

agents=$XDG_CONFIG_HOME/tdev/agents
mkdir -p "$agents"
cat >"$agents/shop.yaml" <<YAML
plugin: http
timeout: 20s
options: {base: "http://127.0.0.1:$plain", secret_env: WORD, headers: ["X-One: 1"], limit: 1MiB}
permissions: {network: ["127.0.0.1:$plain"]}
capabilities:
  - name: find
    effects: none
    input: {type: object, required: [id], properties: {id: {type: string}, tags: {type: array}}}
    config:
      url: "/things/{id}"
      query: {q: "\${input.id}", tag: "\${input.?tags.orValue([])}", page: 2, none: null}
      output: {line: "\${body.line}", status: "\${status}", secret: "\${body.authorization}", one: "\${body['x-one']}"}
  - name: make
    effects: idempotent
    config: {url: /things, body: {name: "\${input.name}", by: "a \${input.name}"}}
  - {name: send, effects: external, config: {url: /things, method: PUT}}
  - {name: get, effects: none, input: {type: object}, config: {url: "/{path}"}}
  - {name: order, effects: external, input: {type: object}, config: {url: "/{path}", method: POST}}
  - {name: elsewhere, effects: none, config: {url: "http://127.0.0.2:$plain/"}}
  - {name: inject, effects: none, config: {url: /, headers: {X-Two: "\${input.text}"}}}
YAML
want 0 "$TDEV" agent call shop find -i id='a/b c?&' -i 'tags=["x y", "z"]' --json
says out 'GET /things/a%2Fb%20c%3F%26?q=a%2Fb%20c%3F%26&tag=x%20y&tag=z&page=2 HTTP/1.1'
says out 'Bearer s3cret'; says out '200'; grep -q '"one": *"1"' out || fail "the fixed header is not there"
want 3 "$TDEV" agent call shop find -i id=..; says err '"id" of the input goes into the URL'
want 0 "$TDEV" agent call shop make -i name=Kim --json
grep -q '"by": *"a Kim"' out || fail "the body is not made of the template"; says out 'POST /things HTTP/1.1'
want 0 "$TDEV" agent call shop send -i a=1 --json; says out 'PUT /things'; grep -q '"a": *1' out || fail "the input is not the body"
want 0 "$TDEV" agent call shop get -i path=plain; says out 'as it is'
want 0 "$TDEV" agent call shop get -i path=nothing; says out null

# Inside a run an action with effects sends the key of its step.
cat >w.yaml <<'YAML'
id: w
nodes:
  - {id: a, type: start, next: [b]}
  - {id: b, type: task, agent: shop, action: make, inputs: {name: Kim}, next: [c]}
  - {id: c, type: end, output: "${nodes.b.output['idempotency-key']}"}
YAML
want 0 "$TDEV" run w.yaml --json; grep -q '"output": *"[^"]*/b' out || fail "no key was sent"

# tell PATH CODE WORDS: what the server does is told so
tell() {
    want "$2" "$TDEV" agent call shop get -i path="$1"; says err "$3"
    grep -q s3cret err out && fail "the secret is told"
    true
}
here="GET http://127.0.0.1:$plain"
tell refuse 3 "$here/refuse: the server answered 422: {\"why\": \"no such thing\"}"
tell busy 4 "$here/busy: the server answered 503: come back later"
tell away 1 "$here/away: the server answered 302, to http://127.0.0.2:1/, and redirects are not followed"
tell cut 4 "$here/cut: "
tell huge 3 "$here/huge: its reply is too long"
tell deep 3 "$here/deep: its reply nests deeper than 128"
tell wrong 1 "$here/wrong: its reply is no JSON"
tell garbage 1 "$here/garbage: "
want 1 "$TDEV" agent call shop order -i path=cut; says err 'look whether action "order" was done'
sed -i 's/timeout: 20s/timeout: 200ms/' "$agents/shop.yaml"
tell mute 1 "$here/mute: no reply in time"
tell stall 1 "$here/stall: no reply in time"
sed -i 's/timeout: 200ms/timeout: 20s/' "$agents/shop.yaml"

# Only where the file permits, and nothing smuggled in.
want 3 "$TDEV" agent call shop elsewhere; says err "requests to 127.0.0.2:$plain are not permitted"
want 3 "$TDEV" agent call shop inject -i text=$'a\r\nX-Three: b'; says err 'a header must be one line'
want 0 "$TDEV" agent call shop inject -i text=a

# Faults of the file are told with their place, before anything is sent.
sed 's/url: "\/things\/{id}"/url: 5/' "$agents/shop.yaml" >"$agents/bad.yaml"
want 0 "$TDEV" agent list; grep -q 'bad.yaml:10:.*/url: must be a string' out || fail "the fault is not told with its place"
sed 's/body.line/bdy.line/' "$agents/shop.yaml" >"$agents/bad.yaml"
want 3 "$TDEV" agent call bad find -i id=1; says err 'action "find": output: /line'
sed 's/s3cret//; s/secret_env: WORD/secret_env: NOWORD/' "$agents/shop.yaml" >"$agents/bad.yaml"
want 3 "$TDEV" agent call bad find -i id=1; says err 'NOWORD is not set'

# TLS: only with whom is trusted, for the name that is asked for.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout key.pem -out cert.pem 2>/dev/null || exit 99
serve tls cert.pem key.pem
cat >"$agents/safe.yaml" <<YAML
plugin: http
options: {ca_file: $dir/cert.pem}
permissions: {network: ["localhost:$port", "127.0.0.1:$port"]}
capabilities:
  - {name: get, effects: none, config: {url: "https://localhost:$port/"}}
  - {name: by_number, effects: none, config: {url: "https://127.0.0.1:$port/"}}
YAML
want 0 "$TDEV" agent call safe get; says out 'GET / HTTP/1.1'
want 1 "$TDEV" agent call safe by_number; says err "https://127.0.0.1:$port/: SSL"
sed -i '/^options/d' "$agents/safe.yaml"
want 1 "$TDEV" agent call safe get; says err 'SSL certificate problem'
echo ok
