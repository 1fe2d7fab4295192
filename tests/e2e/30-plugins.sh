#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plugins are listed, shown without opening them, checked, and refused by name.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" plugin list; says out parser; says out sqlite
grep -q refused out && fail "a bundled plugin is refused"
want 0 "$TDEV" plugin info echo; says out "actions"; says out "limit"
want 0 "$TDEV" agent list; says out nl-input
mkdir -p config/tdev/agents; printf 'plugin: echo\nplugn: x\n' >config/tdev/agents/loud.yaml
want 0 "$TDEV" agent list; says out 'loud.yaml:2:1: unrecognized key "plugn"'
want 1 "$TDEV" doctor; says out 'bad   agent  '; says out 'loud.yaml:2:1: '; says out ", 1 refused"
rm config/tdev/agents/loud.yaml
want 0 "$TDEV" agent call echo echo -i text=hello; says out '"text": "hello"'
want 3 "$TDEV" agent call echo ecko; says err 'no action "ecko"'
want 3 "$TDEV" agent call echo echo -i text=5; says err "/text"
want 3 "$TDEV" plugin info nothing; says err 'plugin "nothing" is not there'
want 3 "$TDEV" plugin info sqlit; says err 'plugin "sqlit" is not there, did you mean "sqlite"'
want 3 "$TDEV" plugin info pipelin; says err 'plugin "pipelin" is not there, did you mean "pipeline"'
mkdir -p mine/lonely
printf 'apiVersion: tdev/v1\nkind: agent\nname: lonely\nlibary: lonely.so\n' >mine/lonely/plugin.yaml
want 3 "$TDEV" plugin check mine/lonely; says err 'plugin.yaml:4:1: unrecognized key "libary", did you mean "library"'
TDEV_PLUGIN_PATH=$dir/mine want 0 "$TDEV" plugin list; says out refused

# A copy of echo of this test's own: cut short, resting on itself, and not what its manifest says.
echo=$("$TDEV" plugin info echo | sed -n 3p)
mkdir -p own/echo && cp "$echo/echo.so" "$echo/plugin.yaml" own/echo && chmod -R u+w own || exit 99
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own
want 0 "$TDEV" plugin check own/echo; says out "own/echo is in order"
head -c 5000 "$echo/echo.so" >cut && mv cut own/echo/echo.so
want 3 "$TDEV" plugin check own/echo; says err 'plugin "echo": library "echo.so" is cut short: '
want 3 "$TDEV" agent call echo echo -i text=hello; says err 'library "echo.so" is cut short: '
want 0 "$TDEV" plugin list; grep -q '^echo .* refused .* is cut short' out || fail "a cut library is ready"
cp "$echo/echo.so" own/echo/echo.so
printf 'requires: [{plugin: echo}]\n' >>own/echo/plugin.yaml
want 3 "$TDEV" plugin check own/echo; says err 'plugin "echo": requires itself: echo -> echo'
want 0 "$TDEV" plugin list; says out 'plugin "echo": requires itself: echo -> echo'

# Two that exclude each other, in one workflow.
cp "$echo/plugin.yaml" own/echo/plugin.yaml; chmod u+w own/echo/plugin.yaml; mkdir -p own/ohce
sed 's/^name: echo/name: ohce/' own/echo/plugin.yaml >own/ohce/plugin.yaml
printf 'conflicts: [{plugin: echo, version: "*"}]\n' >>own/ohce/plugin.yaml
cat >both.yaml <<'YAML'
id: both
nodes:
  - {id: begin, type: start, next: [one]}
  - {id: one, type: task, agent: echo, action: echo, inputs: {text: a}, next: [two]}
  - {id: two, type: task, agent: ohce, action: echo, inputs: {text: a}, next: [done]}
  - {id: done, type: end}
YAML
want 3 "$TDEV" workflow validate both.yaml
says err 'both.yaml:5:34: nodes "one" and "two" use plugins that exclude each other: "echo" 1.0.0 and "ohce" 1.0.0'

# A library that is not the one its manifest vouches for.
printf 'integrity: {sha256: ab%062d}\n' 0 >>own/echo/plugin.yaml
want 3 "$TDEV" agent call echo echo -i text=hello
says err 'library "echo.so" has SHA-256 '; says err ', the manifest vouches for ab0000000000...'
says err 'install the plugin again'
want 3 "$TDEV" plugin check own/echo; says err 'has SHA-256'
want 0 "$TDEV" plugin list; grep -q '^echo .* refused .* vouches for' out || fail "a changed library is ready"
unset TDEV_PLUGINS_PATHS TDEV_PLUGINS_INLINE

# A pipe where a file belongs is told, not waited for.
mkdir -p pipes/pipe config/tdev/workflows && mkfifo pipes/pipe/plugin.yaml config/tdev/workflows/w.yaml config/tdev/agents/a.yaml || exit 99
want 3 "$TDEV" plugin check pipes/pipe; says err 'plugin.yaml" is a pipe, not a file'
TDEV_PLUGINS_PATHS=$dir/pipes want 0 "$TDEV" plugin list; says out 'is a pipe, not a file'
want 3 "$TDEV" run w; says err 'is a pipe, not a file'
want 0 "$TDEV" agent list; says out 'is a pipe, not a file'
rm -r config/tdev/workflows config/tdev/agents

want 0 "$TDEV" plugin matrix; says out "no rules"
want 0 "$TDEV" doctor
want 0 "$TDEV" config show; says out "runtime"
want 0 "$TDEV" config check
echo "ok"
