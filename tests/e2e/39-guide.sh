#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every command of docs/writing-a-plugin.md does what stands there: it ends well, or not when "tdev: " or "not ok" follows
# it, and prints the lines below it. "..." stands for anything, alone on a line or at the end of one.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
pc=$(find "$TDEV_STAGE" -name tdev-sdk.pc)
[ -n "$pc" ] || fail "tdev-sdk.pc is not installed"
export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share CFLAGS="-O1 ${SANITIZE:-}"
skipped=

# perform LINE: runs it in this shell, so that what it exports stays.
perform() {
    eval "$1" >out 2>&1 </dev/null
    rc=$?
}

# tool LINE: what the command needs that is not here.
tool() {
    local word
    for word in cmake ctest autoreconf; do
        case $1 in *"$word"*) type -P "$word" >/dev/null || { echo "$word"; return; } ;; esac
    done
}

# judge LINE FILE: the command's code and output are as the lines in FILE say.
judge() {
    local line fails=0
    case $(grep -v '^ *$' "$2" | head -1) in "tdev: "* | "not ok"*) fails=1 ;; esac
    if [ "$fails" = 0 ] && [ "$rc" != 0 ]; then fail "\"$1\" exits $rc"; fi
    if [ "$fails" = 1 ] && [ "$rc" = 0 ]; then fail "\"$1\" exits 0, the guide says it fails"; fi
    while IFS= read -r line; do
        case $line in
        "" | ...) ;;
        *...) says out "${line%...}" ;;
        *) says out "$line" ;;
        esac
    done <"$2"
}

# try LINE FILE
try() {
    local line=$1 missing
    line=${line//DIR\/usr\/local\/bin/${TDEV%/*}}
    line=${line//DIR\/usr\/local\/lib\/pkgconfig/${pc%/*}}
    missing=$(tool "$line")
    case $line in *plugins/lily*|*plugins/rose*|*dist/rose*) [ -z "$skipped" ] || return 0 ;; esac
    if [ -n "$missing" ]; then
        skipped=$missing
        return 0
    fi
    perform "$line"
    sed -i "s|/home/me|$dir|g; s/^ *//" "$2"
    sed -i 's/^ *//' out
    judge "$line" "$2"
    count=$((count + 1))
}

# Takes the guide apart: a command is an indented line with "$ ", its output are the indented and empty lines behind it.
count=0 now=
: >want
while IFS= read -r text <&3 || [ -n "$text" ]; do
    case $text in
    "    "*'$ '*) is_command=$(expr "$text" : ' *\$ ') ;;
    *) is_command=0 ;;
    esac
    if [ "$is_command" -gt 0 ]; then
        [ -z "$now" ] || try "$now" want
        now=${text:is_command}
        : >want
    else
        case $text in
        "    "* | "") echo "$text" >>want ;;
        *)
            [ -z "$now" ] || try "$now" want
            now=
            : >want
            ;;
        esac
    fi
done 3<"$TEST_SRCDIR/docs/writing-a-plugin.md"
[ -z "$now" ] || try "$now" want
[ "$count" -ge 30 ] || fail "only $count commands were found in the guide"
if [ -n "$skipped" ]; then echo "$skipped is not here: $count commands of the guide ran, those that need it did not"; exit 77; fi
echo "ok: $count commands"
