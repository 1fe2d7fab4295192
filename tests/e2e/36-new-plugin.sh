#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new plugin of each kind builds against the installation, conforms, and can be called; a broken one is told by name.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
pc=$(find "$TDEV_STAGE" -name tdev-sdk.pc)
[ -n "$pc" ] || fail "tdev-sdk.pc is not installed"
export PKG_CONFIG_PATH=${pc%/*}
export CFLAGS="-O1 -Werror ${SANITIZE:-}"
mkdir plugins
export TDEV_PLUGIN_PATH=$dir/plugins TDEV_PLUGINS_INLINE=$dir/plugins

for kind in agent pattern storage; do
    name=my-$kind
    want 0 "$TDEV" plugin new "$kind" "$name" -o plugins
    want 0 make -C "plugins/$name" TDEV="$TDEV"
    want 0 "$TDEV" plugin check "plugins/$name"; says out "is in order"
    want 0 "$TDEV" plugin conform "plugins/$name"; says out "keeps all rules"
    want 0 env -u TDEV_PLUGIN_PATH -u TDEV_PLUGINS_INLINE make -s -C "plugins/$name" check TDEV="$TDEV"
    says out "stage/$name keeps all rules"
done
want 0 "$TDEV" agent call my-agent shorten -i text='a sentence that is too long' -i limit=12
says out '"text": "a sentence..."'
want 0 "$TDEV" pattern run my-pattern -q -s agent=echo -s action=echo -s times=3 -i text=hello
says out '"calls": 3'
want 0 "$TDEV" plugin info my-storage; says out "records"

# What is said at the end of "plugin new" does without the variables.
mkdir -p "$XDG_CONFIG_HOME/tdev"
want 0 "$TDEV" plugin new agent last -o plugins
grep '^ *plugins: {paths' out >"$XDG_CONFIG_HOME/tdev/tdev.yaml" || fail "plugin new does not say what to configure"
want 0 env -u TDEV_PLUGIN_PATH -u TDEV_PLUGINS_INLINE "$TDEV" agent call my-agent shorten -i text=short
rm "$XDG_CONFIG_HOME/tdev/tdev.yaml"

# A pattern's configuration is kept by its manifest; the list shows what cannot be used.
want 3 "$TDEV" pattern run my-pattern -q -s agent=echo -s action=echo -s tims=3
says err 'unrecognized key "tims", did you mean "times"'
printf 'requires: [{plugin: post}]\n' >>plugins/last/plugin.yaml
want 0 "$TDEV" plugin list; says out 'plugin "last": requires "post": plugin "post" is not there'
rm -r plugins/last

# edit FILE SED: changes a file, which must have what is changed.
edit() {
    cp "$1" before
    sed -i "$2" "$1"
    cmp -s "$1" before && fail "$1 has nothing that \"$2\" changes"
}

# broken NAME: builds plugin NAME and claims that it breaks a rule.
broken() {
    want 0 make -C "plugins/$1"
    want 3 "$TDEV" plugin conform "plugins/$1"
}

want 3 "$TDEV" plugin new agent my-agent -o plugins; says err "is there already"
want 3 "$TDEV" plugin new agent My_Agent -o plugins; says err '"My_Agent" cannot name a plugin'
want 2 "$TDEV" plugin new agent mind -o plugins --build meson
says err '--build is "meson", it must be make, autotools or cmake'
[ ! -e plugins/mind ] && [ ! -e plugins/.mind.new ] || fail "what was refused left a folder"
want 2 "$TDEV" plugin new tool hammer -o plugins; says err '"tool" is no kind of plugin'

want 0 "$TDEV" plugin new agent wrong -o plugins
edit plugins/wrong/conform.yaml 's/"a sentence\.\.\."/"a sentence!"/'
broken wrong; says out 'not ok  action "shorten": answers call 1 of conform.yaml'
says out 'its output is {"is_cut":true,"text":"a sentence..."}'
edit plugins/wrong/conform.yaml 's/output: {text: "a sentence!"/includes: {text: "a phrase"/'
broken wrong; says out 'its output /text does not include "a phrase"'
edit plugins/wrong/conform.yaml 's/includes:/inclodes:/'
broken wrong; says out 'conform.yaml:5:5'; says out 'unrecognized key "inclodes", did you mean "includes"'

want 0 "$TDEV" plugin new agent lost -o plugins
edit plugins/lost/conform.yaml 's/action: shorten/action: shortn/'
broken lost; says out 'call 1 is of action "shortn", the manifest has none'

want 0 "$TDEV" plugin new agent crash -o plugins
edit plugins/crash/crash.c 's,int is_cut = text,abort();\n    &,; s,#include <string.h>,#include <stdlib.h>\n&,'
broken crash; says out "not ok"; says out "the plugin ended the process: Aborted"

want 0 "$TDEV" plugin new agent bare -o plugins
rm plugins/bare/README.md
broken bare; says out "there is no README.md beside plugin.yaml"

want 0 "$TDEV" plugin new pattern short -o plugins
edit plugins/short/conform.yaml 's/calls: 3/calls: 4/'
broken short; says out "not ok"; says out "each call gets what the one before gave"

# The test that comes with it, in the fake host, sees what is wrong, before tdev is asked.
want 0 "$TDEV" plugin new agent slip -o plugins
edit plugins/slip/slip.c 's/at > 0 ? at : length/length/'
want 2 make -s -C plugins/slip check TDEV=false; says err "tdev test: should be"

want 0 "$TDEV" plugin new storage loose -o plugins
edit plugins/loose/plugin.yaml 's/^library: loose.so/library: other.so/'
want 3 "$TDEV" plugin check plugins/loose; says err "other.so"
echo "ok"
