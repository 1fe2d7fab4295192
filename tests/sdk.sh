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
flags=$($PKG_CONFIG --cflags --libs tdev-sdk)
header_flags=$($PKG_CONFIG --cflags tdev-sdk)
# shellcheck disable=SC2086 # the flags are words
$CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fPIC -fvisibility=hidden -shared -Wl,-z,now -o "$work/echo.so" \
    "$TEST_SRCDIR/plugins/agents/echo/echo.c" $flags

# Its version is that of the border.
# shellcheck disable=SC2086
abi=$(printf '#include <tdev/plugin.h>\nabi TD_ABI_MAJOR.TD_ABI_MINOR\n' | $CC -E -P -x c $header_flags - | sed -n 's/^abi //p' | tr -d ' ')
for part in tdev-sdk tdev-test; do
    test "$($PKG_CONFIG --modversion "$part")" = "$abi.0" || { echo "$part.pc does not have the version of the border, $abi"; exit 1; }
done

# Each header stands by itself.
for header in "$($PKG_CONFIG --variable=includedir tdev-sdk)"/tdev/*.h; do
    # shellcheck disable=SC2086
    echo "#include <tdev/${header##*/}>" | $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c $header_flags -
done

# Its note outlives what builds and packs a library: each compiler that is here, its optimizers, the linker's clean-up, strip.
noted=0
for compiler in "$CC" gcc clang; do
    command -v "${compiler%% *}" >/dev/null || continue
    for how in -O0 "-O2 -ffunction-sections -fdata-sections -Wl,--gc-sections" "-O2 -flto -Wl,--gc-sections" "-O1 -fsanitize=address"; do
        # shellcheck disable=SC2086
        $compiler -std=c11 -fPIC -fvisibility=hidden -shared $how -o "$work/noted.so" "$TEST_SRCDIR/plugins/agents/echo/echo.c" \
            $flags 2>"$work/why" || { echo "# $compiler $how: cannot build here: $(head -n 1 "$work/why")"; continue; }
        strip "$work/noted.so"
        readelf -n "$work/noted.so" | grep -q '^ *tdev ' || { echo "no note of tdev after $compiler $how and strip"; exit 1; }
        noted=$((noted + 1))
    done
done
test $noted -ge 2 || { echo "the note was looked for in $noted libraries only"; exit 1; }

seen=$(nm -D --defined-only "$work/echo.so" | awk '{ print $3 }' | tr '\n' ' ')
test "$seen" = "td_entry " || { echo "echo.so shows more than td_entry: $seen"; exit 1; }
wanted=$(nm -D --undefined-only "$work/echo.so" | awk '$NF ~ /^tdh?_/ { print $NF }')
test -z "$wanted" || { echo "echo.so needs of its host: $wanted"; exit 1; }
