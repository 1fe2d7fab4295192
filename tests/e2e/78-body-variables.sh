#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Items of a map keep what is their own beside each other, loops from round to round; a run that was cut off, or goes on from its past, has them.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
drafts=$TEST_SRCDIR/conf/workflows/examples/drafts.yaml
newest() { "$TDEV" runs list -n 1 --json | sed -n 's/.*"id": "\(.*\)".*/\1/p'; }
# same TEXT...: the output without spaces is that.
same() { [ "$(tr -d ' \n' <out)" = "$1" ] || fail "the output is not $1"; }

ready='["plan,again,again,again","reportoftheyear,again"]'
want 0 "$TDEV" run "$drafts" -q -i 'texts=["plan", "report of the year"]'; same "$ready"
id=$(newest)

# From some event on the same again, out of a saved state.
want 0 "$TDEV" runs fork "$id" --at 3; same "$ready"

# As text, and back.
want 0 "$TDEV" workflow convert "$drafts" -o drafts.flow
want 0 "$TDEV" workflow convert drafts.flow -o again.yaml
want 0 "$TDEV" run drafts.flow -q -i 'texts=["a text of some length"]'; same '["atextofsomelength"]'
want 0 "$TDEV" run again.yaml -q -i 'texts=["short"]'; same '["short,again,again,again"]'

# Cut off while its items wait: what each has can be seen, and it goes on with its own.
cat >cut.yaml <<'YAML'
id: cut
nodes:
  - {id: begin, type: start, next: [each]}
  - id: each
    type: map
    over: [a, b]
    variables: {own: "${item}"}
    output: "${vars.own}"
    body:
      - {id: say, type: task, agent: echo, action: echo, inputs: {text: "${vars.own}!"}, outputs: {own: "${result.text}"}, next: [hold]}
      - {id: hold, type: wait, signal: "go-${item}", outputs: {own: "${vars.own}${result.more}"}}
    next: [done]
  - {id: done, type: end, output: "${nodes.each.output}"}
YAML
"$TDEV" run cut.yaml -q >cut.out 2>&1 &
until "$TDEV" runs waiting --json >waiting 2>err && grep -q go-a waiting && grep -q go-b waiting; do
    kill -0 $! 2>/dev/null || fail "the run ended early: $(cat cut.out)"
done
kill -9 $!; wait $! 2>/dev/null
cut=$(newest)
want 0 "$TDEV" runs show "$cut" --at "$("$TDEV" runs show "$cut" --json | grep -c '"seq"')" --json; tr -d ' \n' <out >past
says past '"body_vars":{"each[0]":{"own":"a!"},"each[1]":{"own":"b!"}}'
"$TDEV" runs signal "$cut" go-b -i more=2 >other 2>&1 & # it goes on in one of the two
want 0 "$TDEV" runs signal "$cut" go-a -i more=1
wait $! || fail "$(cat other)"
"$TDEV" runs show "$cut" --json | tr -d ' \n' >ended
says ended '["a!1","b!2"]'

# A name is one variable; whose it is is told where it is not there.
sed 's/times: 0}/times: 0, draft: 1}/' "$drafts" >bad.yaml
want 3 "$TDEV" workflow validate bad.yaml
says err 'bad.yaml:23:31: variable "draft" is one of map "each" around it already, at bad.yaml:17:17'
sed 's/output: "${nodes.each.output}"/output: "${vars.times}"/' "$drafts" >bad.yaml
want 3 "$TDEV" workflow validate bad.yaml
says err '"${vars.times}": 1:6: field "times" is not known'
says err '"times" is a variable of the body of loop "improve", and is there only'
echo "ok"
