#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# sdk: a plugin is built from what an installation brings, by pkg-config and one compiler line, and nothing but its entry
# can be seen of it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pc=$(find "$TDEV_STAGE" -name tdev-sdk.pc)
test -n "$pc" || { echo "tdev-sdk.pc is not installed"; exit 1; }

export PKG_CONFIG_PATH=${pc%/*}
flags=$($PKG_CONFIG --define-prefix --cflags --libs tdev-sdk)
# shellcheck disable=SC2086 # the flags are words
$CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fPIC -fvisibility=hidden -shared -Wl,-z,now -o "$work/echo.so" \
    "$TEST_SRCDIR/plugins/agents/echo/echo.c" $flags

# Each header stands by itself.
for header in "$($PKG_CONFIG --define-prefix --variable=includedir tdev-sdk)"/tdev/*.h; do
    # shellcheck disable=SC2086
    $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c "$header" $flags
done

seen=$(nm -D --defined-only "$work/echo.so" | awk '{ print $3 }' | tr '\n' ' ')
test "$seen" = "td_entry " || { echo "echo.so shows more than td_entry: $seen"; exit 1; }
wanted=$(nm -D --undefined-only "$work/echo.so" | awk '$NF ~ /^tdh?_/ { print $NF }')
test -z "$wanted" || { echo "echo.so needs of its host: $wanted"; exit 1; }
