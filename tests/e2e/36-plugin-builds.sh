#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new plugin builds, passes its tests and is installed by autotools and by CMake, with the installed SDK alone.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
pc=$(find "$TDEV_STAGE" -name tdev-sdk.pc)
[ -n "$pc" ] || fail "tdev-sdk.pc is not installed"
export PKG_CONFIG_PATH=${pc%/*} CFLAGS="-O1 -Werror ${SANITIZE:-}"
export PATH=${TDEV%/*}:$PATH
missing=

# built NAME: dist/NAME is a plugin that can be used, and shows td_entry alone.
built() {
    export TDEV_PLUGIN_PATH=$dir/dist TDEV_PLUGINS_INLINE=$dir/dist
    want 0 tdev plugin check "dist/$1"; says out "is in order"
    [ "$(nm -D --defined-only "dist/$1/$1.so" | awk '$3 !~ /^__(odr_)?asan/ { print $3 }')" = td_entry ] || fail "$1.so shows more than td_entry"
    unset TDEV_PLUGIN_PATH TDEV_PLUGINS_INLINE
}

if type -P autoreconf >/dev/null; then
    want 0 tdev plugin new pattern by-autotools -o plugins --build autotools; says out "configure.ac, Makefile.am"
    cd plugins/by-autotools
    want 0 autoreconf -i
    want 0 ./configure --with-plugindir="$dir/dist"
    want 0 make -s
    want 0 make -s check; says out "stage/by-autotools keeps all rules"
    want 0 make -s install
    cd "$dir"
    built by-autotools
    want 0 make -s -C plugins/by-autotools uninstall
    [ -z "$(ls dist/by-autotools 2>/dev/null)" ] || fail "make uninstall leaves files"
else
    missing="autoreconf"
fi

if type -P cmake >/dev/null; then
    want 0 tdev plugin new storage by-cmake -o plugins --build cmake; says out "CMakeLists.txt"
    want 0 cmake -S plugins/by-cmake -B out-of-tree -DCMAKE_BUILD_TYPE=Release -DPLUGINDIR="$dir/dist"
    want 0 cmake --build out-of-tree
    want 0 ctest --test-dir out-of-tree; says out "100% tests passed, 0 tests failed out of 2"
    want 0 cmake --install out-of-tree
    built by-cmake
else
    missing="${missing:+$missing and }cmake"
fi
if [ -n "$missing" ]; then echo "$missing cannot be tried: not installed here"; exit 77; fi
echo "ok"
