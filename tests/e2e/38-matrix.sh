#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The compatibility matrix: kept by tdev, read again by tdevd, held against other hosts without opening a library, and exported.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
tdevd=${TDEV}d
echo=$("$TDEV" plugin info echo | sed -n 3p)
mkdir -p own/echo && cp "$echo/echo.so" "$echo/plugin.yaml" own/echo && chmod -R u+w own || exit 99
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own TDEV_PLUGINS_COMPAT=$dir/compat.yaml
rules() { printf 'rules:\n%s\n' "$1" >compat.yaml.new && mv compat.yaml.new compat.yaml; }

# A file that was asked for must be there, and well.
want 3 "$TDEV" plugin list; says err "compat.yaml"
rules '  - {verdict: ban}'
want 3 "$TDEV" plugin list; says err 'compat.yaml:2:15: verdict is "ban", must be one of allow, deprecated, block'

# What it says counts for calls; the reason is told, as a warning or as an error.
rules '  - {plugin: echo, verdict: block, reason: <b>loud</b> & "old", replaced_by: whisper}'
want 3 "$TDEV" agent call echo echo -i text=hello
says err 'plugin "echo": version 1.0.0 is blocked by line 2 of the compatibility matrix: <b>loud</b> & "old"'
says err 'use "whisper" instead'
want 0 "$TDEV" plugin matrix
grep -Eq '^ +2 +echo +\* +\* +\* +block +<b>loud</b> & "old"; use whisper$' out || fail "the rule is not shown"
grep -Eq '^echo +agent +1.0.0 +1\.[0-9.]+ +block +2  version 1.0.0 is blocked by line 2 ' out || fail "the plugin is not shown as blocked"
grep -Eq '^parser +agent .* allow +-$' out || fail "another plugin is not allowed"
want 0 "$TDEV" plugin matrix --json
says out '"replaced_by": "whisper"'; says out '"verdict": "block"'
want 0 "$TDEV" plugin matrix --html page.html; says out "wrote page.html"
says page.html '<td>&lt;b&gt;loud&lt;/b&gt; &amp; &quot;old&quot;</td><td>whisper</td>'
says page.html '<td class="block">block</td>'
grep -Eiq '<script|<link|src=|href=|url\(|<b>' page.html && fail "the page needs something else, or is not escaped"
want 1 "$TDEV" plugin matrix --html nowhere/page.html; says err "nowhere/page.html"
rules '  - {plugin: echo, verdict: deprecated, reason: old, since: 1999-01-01, until: 9999-12-31}'
want 0 "$TDEV" agent call echo echo -i text=hello
says err 'version 1.0.0 is deprecated by line 2 of the compatibility matrix until 9999-12-31: old'
rules '  - {plugin: echo, verdict: deprecated, reason: old, until: 1999-12-31}'
want 3 "$TDEV" agent call echo echo -i text=hello; says err 'since its time ended with 1999-12-31: old'
rules '  - {plugin: echo, verdict: deprecated, reason: old, since: 9999-01-01}'
want 0 "$TDEV" agent call echo echo -i text=hello
grep -q deprecated err && fail "a deprecation that has not begun is told"

# Two that are not to be used together: shown as a rule and, as both are here, as a pair; neither by itself is refused.
rules '  - {plugin: echo, version: ^1, with: {plugin: parser}, verdict: block, reason: <i>they</i> fight}'
want 0 "$TDEV" plugin matrix
grep -Eq '^ +2 +echo +\^1 +\* +\* +block +with parser \*: <i>they</i> fight$' out || fail "the rule for a pair is not shown"
grep -Eq '^echo +1.0.0 +parser +[0-9.]+ +block +2  "echo" 1.0.0 and "parser" [0-9.]+ are not to be used together' out || fail "the pair is not shown"
grep -Eq '^echo +agent .* allow +-$' out || fail "one of a pair is judged by itself"
want 0 "$TDEV" plugin matrix --json; says out '"pairs": ['; says out '"with": {'
want 0 "$TDEV" plugin matrix --html page.html; says page.html '<td>parser *</td>'; says page.html '<table id="pairs">'
grep -q '<i>' page.html && fail "the page is not escaped"
want 0 "$TDEV" agent call echo echo -i text=hello
want 0 "$TDEV" plugin check own/echo --against 0.1; says out 'ok      pairs      not to be used together with "parser" * by line 2'
printf 'id: both\nnodes:\n  - {id: a, type: start, next: [b]}\n  - {id: b, type: task, agent: echo, action: echo, inputs: {text: a}, next: [c]}\n  - {id: c, type: task, agent: parser, action: parse, inputs: {understanding: "${input.u}"}, next: [d]}\n  - {id: d, type: end}\n' >both.yaml
want 3 "$TDEV" workflow validate ./both.yaml
says err 'nodes "b" and "c" use plugins that exclude each other: "echo" 1.0.0 and "parser"'; says err 'fight'

# On another host, another day. Nothing is opened: what would end the process is only looked at.
rules '  - {plugin: echo, host: ">=5", verdict: deprecated, reason: old, until: 2027-06-30}'
want 3 "$TDEV" plugin check own/echo --against 2; says out 'not ok  host       plugin.yaml:'; says out 'it would not load'
sed -i 's/^host:.*/host: ">=0.1"/' own/echo/plugin.yaml
want 0 "$TDEV" plugin check own/echo --against 4.9,on=2030-01-01; says out 'ok      matrix     no rule fits it'; says out 'it would load'
want 0 "$TDEV" plugin check own/echo --against 5,on=2027-06-30; says out 'warn    matrix     version 1.0.0 is deprecated by line 2'
want 3 "$TDEV" plugin check own/echo --against 5,on=2027-07-01; says out 'not ok  matrix     version 1.0.0 is blocked by line 2'
want 3 "$TDEV" plugin check own/echo --against 0.1,sdk=1.0; says out 'not ok  stamp      needs plugin ABI 1.'
want 0 "$TDEV" plugin matrix --against 5,on=2027-07-01; grep -Eq '^echo .* block +2 ' out || fail "the matrix of another host is this one's"
want 0 "$TDEV" plugin check own/echo/echo.so; says out 'was built with SDK 1.'; says out 'it would load, as far as its library tells'
want 3 "$TDEV" plugin check own/echo/echo.so --against 0.1,sdk=1.1 --json
says out '"gate": "stamp"'; says out '"outcome": "refused"'; says out '"path": "own/echo/echo.so"'
want 2 "$TDEV" plugin check own/echo --against new; says err 'host "new": '
want 3 "$TDEV" plugin check own/nothing --against 1; says err 'could not resolve "own/nothing"'
want 3 "$TDEV" plugin check compat.yaml; says out 'library "compat.yaml" is not an ELF shared object'

# tdevd reads it again on SIGHUP; a fault is told, and changes nothing.
export TDEV_CONFIG=$dir/tdevd.yaml
cat >tdevd.yaml <<'YAML'
log: {level: info}
YAML
mkfifo said && exec 3<>said
"$tdevd" 2>said & pid=$!
trap 'kill -KILL $pid 2>/dev/null; rm -rf "$dir"' EXIT
until_said() {
    local line
    while read -r -t 60 line <&3; do
        echo "$line" >>log
        case $line in *"$1"*) return ;; esac
    done
    fail "tdevd does not say \"$1\": $(cat log)"
}
until_said "is ready"
rules '  - {plugin: sqlite, verdict: block, reason: too "new"}'
kill -HUP $pid
until_said 'plugin "sqlite": version 1.0.0 is blocked by line 2 of the compatibility matrix: too "new"'
until_said 'read the configuration again'
rules '  - {plugin: sqlite, verdict: blok}'
kill -HUP $pid
until_said 'compat.yaml:2:31: verdict is "blok", must be one of allow, deprecated, block'
printf 'rules: []\n' >compat.yaml
kill -HUP $pid
until_said 'read the configuration again'
kill -TERM $pid; wait $pid || fail "tdevd exits $? on SIGTERM"
echo "ok"
