#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Models: the catalogue, keys, and asking a server, whole and piece by piece.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
server=$TEST_BUILDDIR/tests/plugins/server
[ -x "$server" ] || { echo "the test server is not built"; exit 77; }
export TDEV_CALL_RETRIES=0
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY OPENAI_API_KEY GROQ_API_KEY
"$server" "$dir/port" &
pid=$!
trap 'kill -9 -- "-$pid" "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
until [ -s port ]; do kill -0 $pid 2>/dev/null || fail "the server does not start"; done
base=http://127.0.0.1:$(cat port)

# What ships can be read, and no price of it is absurd.
want 0 "$TDEV" model list
[ "$(wc -l <out)" -gt 150 ] || fail "only $(wc -l <out) models"
[ -s err ] && fail "the catalogue that ships is complained of"
want 0 "$TDEV" model list groq --json; says out '"model": "groq/llama-3.1-8b-instant"'; says out '"key": false'
want 3 "$TDEV" model list grok; says err 'there is no provider "grok", did you mean "groq"'

# Without a key it says which.
want 3 "$TDEV" model chat gpt-4o-mini hi
says err 'no provider of model "gpt-4o-mini" has a key'; says err 'set one of OPENAI_API_KEY'
want 3 "$TDEV" model chat gpt-nothing hi; says err 'no provider knows a model "gpt-nothing"'

models=$XDG_CONFIG_HOME/tdev/models
mkdir -p "$models"
cat >"$models/mine.yaml" <<YAML
wire: openai-chat
base_url: $base/{place}
values: {place: {env: PLACE, default: think}}
key: {env: MINE_KEY, file: $dir/key}
models:
  - {name: m-1, context: 8000, price: {input: 1, output: 2}, abilities: [chat, stream]}
  - {name: m-gold, price: {input: 1, output: 9000}, abilities: [chat]}
YAML
want 3 "$TDEV" model chat mine/m-1 hi; says err 'has no key'; says err "put it into $dir/key, mode 0600, or set MINE_KEY"
echo sk-from-file >key
chmod 644 key
want 3 "$TDEV" model chat mine/m-1 hi; says err 'could be read by others'; says err "chmod 600 $dir/key"
chmod 600 key
want 0 "$TDEV" model chat m-1 hi; says out 'your key is sk-from-file'
MINE_KEY=sk-1 want 0 "$TDEV" model chat mine/m-1 hi --json
says out 'your key is sk-1'; says out '"cost": 0.002'; says out '"provider": "mine"'; says out '"input": 1000'
MINE_KEY=sk-1 want 0 "$TDEV" model chat mine/m-1 hi --stream; says out 'your key is sk-1, you see'
MINE_KEY=sk-1 want 0 "$TDEV" model chat mine/unlisted hi -i top_k=4 --stream --json
says out '"type": "finish"'; says out '"top_k"'; grep -q '"cost"' out && fail "a price was made up"

# A price that nobody can have meant counts as none, and is told.
want 0 "$TDEV" model list; says err 'the price of mine/m-gold is 9000'
want 0 "$TDEV" model chat mine/m-gold hi --json; grep -q '"cost"' out && fail "the price of gold was taken"

# Failures say whose they are; a stream that is cut is none that has ended.
PLACE=locked want 3 "$TDEV" model chat mine/m-1 hi; says err 'provider "mine" answers 401: no such key'
PLACE=lost want 1 "$TDEV" model chat mine/m-1 hi --stream; says err 'provider "mine": the stream ended in the middle'
PLACE=busy want 4 "$TDEV" model chat mine/m-1 hi; says err 'provider "mine" answers 503: come back later'
PLACE=a/b want 3 "$TDEV" model chat mine/m-1 hi; says err 'PLACE is "a/b", which cannot be part of an address'
want 3 "$TDEV" model chat mine/m-1 hi -i temprature=1; says err 'unrecognized member "temprature", did you mean "temperature"'

# A file with a fault says where; a key that a program prints.
echo 'wire: openai-chat
base_url: http://x
modles: []' >"$models/bad.yaml"
want 3 "$TDEV" model list bad; says err "bad.yaml:3:1: "; says err 'modles'
want 0 "$TDEV" model list; says err 'bad.yaml:3:1'
sed "s|^key:.*|key: {command: [sh, -c, 'echo sk-printed']}|" "$models/mine.yaml" >"$models/asked.yaml"
want 0 "$TDEV" model chat asked/m-1 hi; says out 'your key is sk-printed'
sed "s|^key:.*|key: {command: [sh, -c, 'exit 3']}|" "$models/mine.yaml" >"$models/asked.yaml"
want 3 "$TDEV" model chat asked/m-1 hi; says err '"sh", which is to print the key, failed with status 3'

# AWS: a bearer token as any key; without one each request is signed, and openssl comes to the same signature of what came.
unset AWS_BEARER_TOKEN_BEDROCK AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION
cat >"$models/aws.yaml" <<YAML
wire: bedrock-converse
base_url: $base
values: {region: {env: AWS_REGION, default: eu-west-1}}
key: {env: AWS_BEARER_TOKEN_BEDROCK, sign: {service: bedrock, region: "{region}"}}
models: [{name: "a.b-v1:0", abilities: [chat, stream]}]
YAML
sent() { sed -n "s/^$1: //Ip" request.txt | tr -d '\r'; }
hash() { openssl dgst -sha256 -hex | sed 's/.* //'; }
mac() { printf %s "$2" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -hex | sed 's/.* //'; }
check_signature() { # REGION NAMES HEADERS
    local path when day canonical key
    path=$(sed -n '1s/^POST \(.*\) HTTP.*/\1/p' request.txt)
    when=$(sent x-amz-date)
    day=${when%T*}
    canonical=$(printf 'POST\n%s\n\ncontent-type:application/json\nhost:%s\nx-amz-date:%s\n%s\n%s\n%s' "${path//%/%25}" "$(sent host)" "$when" "$3" "$2" \
        "$(sed '1,/^\r$/d' request.txt | hash)")
    key=$(printf 'AWS4s3cret/+' | od -An -tx1 | tr -d ' \n')
    for word in "$day" "$1" bedrock aws4_request; do key=$(mac "$key" "$word"); done
    key=$(mac "$key" "$(printf 'AWS4-HMAC-SHA256\n%s\n%s/%s/bedrock/aws4_request\n%s' "$when" "$day" "$1" "$(printf %s "$canonical" | hash)")")
    [ "$(sent authorization)" = "AWS4-HMAC-SHA256 Credential=AKID/$day/$1/bedrock/aws4_request, SignedHeaders=$2, Signature=$key" ] ||
        fail "the signature is another than openssl's: $(sent authorization), $key"
}
want 3 "$TDEV" model chat aws/a.b-v1:0 hi
says err 'provider "aws" has no key'; says err 'set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
AWS_BEARER_TOKEN_BEDROCK=b1 AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s want 0 "$TDEV" model chat aws/a.b-v1:0 hi
says out hello; says request.txt 'Authorization: Bearer b1'; says request.txt 'POST /model/a.b-v1%3A0/converse HTTP'
AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s3cret/+ want 0 "$TDEV" model chat a.b-v1:0 안녕
says out hello; check_signature eu-west-1 'content-type;host;x-amz-date' ''
cp "$TEST_SRCDIR/tests/data/converse.eventstream" stream.bin
AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s3cret/+ AWS_SESSION_TOKEN=t0ken want 0 "$TDEV" model chat aws/a.b-v1:0 hi --stream --json
says out '"text": "Hel"'; says out '"input": 13'
check_signature us-east-1 'content-type;host;x-amz-date;x-amz-security-token' "x-amz-security-token:t0ken
"
head -c 300 "$TEST_SRCDIR/tests/data/converse.eventstream" >stream.bin
AWS_BEARER_TOKEN_BEDROCK=b1 want 1 "$TDEV" model chat aws/a.b-v1:0 hi --stream; says err 'provider "aws": the stream ended within a message'
AWS_ACCESS_KEY_ID=$'A\nB: c' AWS_SECRET_ACCESS_KEY=s want 3 "$TDEV" model chat aws/a.b-v1:0 hi; says err 'AWS_ACCESS_KEY_ID is not one word'
sed -i 's/{region}/{place}/' "$models/aws.yaml"
want 3 "$TDEV" model list aws; says err 'aws.yaml:4:'; says err '"values" does not say what {place} is'
echo ok
