#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plugins built with each SDK there was work in this tdev: agents inline and in a process of their own, and patterns in runs.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
libs=$TEST_BUILDDIR/tests/abi/.libs
[ -e "$libs/age_1_0.so" ] || { echo "the plugins of older SDKs are not built"; exit 77; }

# plugin KIND MINOR MORE: the plugin "age" of SDK 1.MINOR, alone.
plugin() {
    rm -rf own && mkdir -p own/age || exit 99
    printf 'apiVersion: tdev/v1\nkind: %s\nname: age\nversion: 1.0.0\nlibrary: age.so\nsdk: "^1.%s"\n%s\n' "$1" "$2" "$3" >own/age/plugin.yaml
}
has() { grep -q "\"$1\": $2" out || fail "$1 is not $2"; }
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own
actions='capabilities: [{name: echo, effects: none}]'
"$TDEV" doctor >out 2>err
isolations="inline process"
grep -q '^note *isolation' out && isolations=inline

# What the host of their time offered, in bytes; today's may grow until it is the last one's.
set -- "144 72 72 96" "144 80 80 112" "152 80 80 112" "224 80 80 112" "[0-9] [0-9] [0-9] [0-9]"
for minor in 0 1 2 3 4; do
    read -r services asks reducer storage <<<"$1"
    shift
    for isolation in $isolations; do
        plugin agent $minor "isolation: $isolation
$actions"
        cp "$libs/age_1_$minor.so" own/age/age.so
        want 0 "$TDEV" plugin check own/age; says out "is in order"
        want 0 "$TDEV" agent call age echo
        says out "\"sdk\": \"1.$minor.0\""; has services "$services"; has storage "$storage"
    done
    plugin pattern $minor "isolation: inline"
    cp "$libs/age_pattern_1_$minor.so" own/age/age.so
    want 0 "$TDEV" pattern run age -q
    says out "\"sdk\": \"1.$minor.0\""; says out '"who": "a run"'; has asks "$asks"; has reducer "$reducer"
done

# What was built with an SDK that is not there yet is refused, in a process of its own as well, before it is opened.
cp "$TEST_BUILDDIR/tests/plugins/.libs/misfit_note_minor.so" "$dir/newer.so" || exit 99
for isolation in $isolations; do
    plugin agent 0 "isolation: $isolation
$actions"
    cp newer.so own/age/age.so
    want 3 "$TDEV" agent call age echo; says err 'plugin "age": needs plugin ABI 1.'
done
echo "ok"
