#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The catalogue of patterns: shown, printed as Markdown, compared, recommended; a plugin of one's own joins it.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"

want 0 "$TDEV" pattern show saga
says out 'use it when steps change the world and must all be done, or undone'
says out '  every step needs its opposite'; says out '  failure       undo'
says out 'related: pipeline, retry, timeout'; says out 'example: workflows/patterns/saga.yaml'
want 0 "$TDEV" pattern show saga --json; says out '"drawbacks": ['; says out '"example": "saga"'
want 0 "$TDEV" plugin info saga; says out 'advantages'
want 0 "$TDEV" pattern list; [ "$(wc -l <out)" = 26 ] || fail "the list has more than a line for each pattern"

# One, with its example as it is written; all, with every pattern and no pattern twice.
want 0 "$TDEV" pattern docs scatter_gather
says out '## scatter-gather'; says out '| workers | required |'; says out 'id: scatter-gather-example'
sed -n '/^```yaml$/,/^```$/p' out | sed '1d;$d' | cmp -s - "$TEST_SRCDIR/conf/workflows/patterns/scatter-gather.yaml" ||
    fail "the example is not the workflow"
want 0 "$TDEV" pattern docs; mv out all
says all '## Decision matrix'; says all '- **failure**, what a member that fails does to the rest: `stop` (it ends the run)'
for folder in "$TEST_SRCDIR"/plugins/patterns/*/plugin.yaml; do
    name=$(basename "$(dirname "$folder")")
    [ "$(grep -c "^## $name\$" all)" = 1 ] || fail "$name does not stand in the catalogue once"
done
grep -o '](#[a-z-]*)' all | sort -u | tr -d '](#)' | while read -r name; do
    grep -qx "## $name" all || fail "a link leads to $name, which is not there"
done || exit 1
want 0 "$TDEV" pattern docs --json; says out '"markdown": "# Patterns'
want 2 "$TDEV" pattern docs saga --matrix; says err '--matrix compares all patterns'
want 3 "$TDEV" pattern docs sagga; says err 'did you mean "saga"'

# The matrix in the documentation is the one that is made.
want 0 "$TDEV" pattern docs --matrix
sed -n '/made by: tdev pattern docs --matrix/,/end of what is made/p' "$TEST_SRCDIR/docs/patterns.md" | sed '1d;$d' >docs.matrix
cmp out docs.matrix >/dev/null || { diff docs.matrix out | head -6; fail "docs/patterns.md: put in what tdev pattern docs --matrix prints"; }

# Recommended, with reasons; the same every time; at most five for people, all for programs.
want 0 "$TDEV" pattern recommend 'book a hotel and a flight, and undo all of it when one fails'
[ "$(head -1 out)" = 'words that no pattern has: hotel, flight' ] || fail "it does not tell what it did not understand"
sed -n 2p out | grep -q '^ [0-9]*  saga: ' || fail "saga is not the first"
says out '+ it is for: book, undo'; says out 'only its description says: fails'; mv out first
want 0 "$TDEV" pattern recommend 'book a hotel and a flight, and undo all of it when one fails'
cmp -s first out || fail "two answers to one question"
want 0 "$TDEV" pattern recommend '다수결로 결정하고 싶다'; says out 'voting: '
want 0 "$TDEV" pattern recommend -t failure=undo -t complexity=low; says out 'nothing fits well; the nearest are:'
says out '-50 failure is stop, skip, not undo'
[ "$(grep -c 'example: ' out)" = 5 ] || fail "it shows more or less than five"
want 0 "$TDEV" pattern recommend -t complexity=high --json
[ "$(grep -c '"pattern": ' out)" = 26 ] || fail "--json leaves some out"
want 1 "$TDEV" pattern recommend 'zzz qqq'; says out 'nothing fits'
want 2 "$TDEV" pattern recommend; says err 'nothing is asked for'
want 2 "$TDEV" pattern recommend -t cots=low; says err 'did you mean "cost"'
want 2 "$TDEV" pattern recommend -t cost=hihg; says err 'did you mean "high"'

# One's own, from the template, and one that has nothing to tell.
want 0 "$TDEV" plugin new pattern again -o mine
mkdir -p mine/silent
sed -e '/^catalogue:/,/^  related:/d' -e 's/again/silent/' mine/again/plugin.yaml >mine/silent/plugin.yaml
want 0 "$TDEV" pattern show retry # nothing of a library is run, any will do
cp "$(sed -n 3p out)/retry.so" mine/again/again.so; cp mine/again/again.so mine/silent/silent.so
export TDEV_PLUGIN_PATH=$dir/mine TDEV_PLUGINS_INLINE=$dir/mine
want 0 "$TDEV" pattern show again; says out 'makes all its calls, also when the first was good enough'
want 0 "$TDEV" pattern recommend 'call it repeatedly, or repeat it'; says out 'again: '
want 0 "$TDEV" pattern docs --matrix; says out '| [again](#again) |'
grep -q silent out && fail "a pattern without a catalogue is compared"
want 0 "$TDEV" pattern docs silent; says out '## silent'
sed -i 's/members: one/members: oen/' mine/again/plugin.yaml
want 3 "$TDEV" pattern show again; says err 'plugin.yaml:17:21: members is "oen", must be one of one, few, many, did you mean "one"'
