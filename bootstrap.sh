#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bootstrap: from a fresh clone to a built, shown or checked tdev. Asks nothing and may be run again at any time.
#
#   ./bootstrap.sh             installs what is missing and builds in ./build
#   ./bootstrap.sh demo        that, and builds a to-do app from one sentence into ./demo-app
#   ./bootstrap.sh check       that, and passes all tests; the last line counts them
#   ./bootstrap.sh check-long  check, and the slow ones: clang, threads, valgrind, faults, fuzzing, make distcheck
#
# Packages are installed with apt-get or dnf, by root or through sudo; run through sudo, all files belong to the caller.
set -euo pipefail
cd "$(dirname "$0")"

# What is looked for, and the packages that bring it on Debian and on Fedora. cmd: a program, pc: a pkg-config name,
# file: a path. Only what is missing is installed.
build_needs='
cmd:autoconf        autoconf          autoconf
cmd:automake        automake          automake
cmd:libtoolize      libtool           libtool
cmd:gcc             gcc               gcc
cmd:make            make              make
cmd:pkg-config      pkg-config        pkgconf-pkg-config
file:/usr/include/stdio.h   libc6-dev       glibc-devel
file:/usr/include/ltdl.h    libltdl-dev     libtool-ltdl-devel
file:/usr/share/zoneinfo/UTC tzdata         tzdata
pc:jansson          libjansson-dev    jansson-devel
pc:yaml-0.1         libyaml-dev       libyaml-devel
pc:libevent_pthreads libevent-dev     libevent-devel
pc:libcrypto        libssl-dev        openssl-devel
pc:sqlite3          libsqlite3-dev    sqlite-devel
pc:libcurl          libcurl4-openssl-dev libcurl-devel
pc:libpcre2-8       libpcre2-dev      pcre2-devel
pc:libutf8proc      libutf8proc-dev   utf8proc-devel
pc:libarchive       libarchive-dev    libarchive-devel
pc:libseccomp       libseccomp-dev    libseccomp-devel'
check_needs='
pc:cmocka           libcmocka-dev     libcmocka-devel
cmd:node            nodejs            nodejs
cmd:cmake           cmake             cmake
cmd:npm             npm               nodejs-npm
cmd:curl            curl              curl
cmd:chromium        chromium          chromium
file:/usr/include/valgrind/valgrind.h valgrind valgrind-devel
file:/usr/share/i18n/locales/de_DE locales glibc-locale-source'
long_needs='
cmd:clang           clang             clang
cmd:valgrind        valgrind          valgrind
cmd:xz              xz-utils          xz'

say() {
    printf '\n== %s\n' "$*"
}

stop() {
    printf 'bootstrap.sh: %s\n' "$*" >&2
    exit 1
}

is_here() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    pc:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#pc:}" ;;
    file:*) test -e "${1#file:}" ;;
    esac
}

# missing COLUMN NEEDS: the packages, of that column, of what is not here.
missing() {
    local probe debian fedora
    while read -r probe debian fedora; do
        if [ -n "$probe" ] && ! is_here "$probe"; then
            if [ "$1" = debian ]; then echo "$debian"; else echo "$fedora"; fi
        fi
    done <<<"$2" | sort -u | tr '\n' ' '
}

as_root() {
    local how=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || stop "neither root nor sudo is here; install as root and come back: $packages"
        how=(sudo --)
    fi
    "${how[@]}" "$@" || stop "could not install; do it as root and come back: $packages"
}

install_missing() {
    local family=none packages
    if command -v apt-get >/dev/null; then family=debian; elif command -v dnf >/dev/null; then family=fedora; fi
    packages=$(missing "$family" "$1")
    [ -n "$packages" ] || return 0
    say "installing $packages"
    # shellcheck disable=SC2086 # the list is words
    case $family in
    debian)
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
            install -y --no-install-recommends $packages </dev/null >/dev/null
        ;;
    fedora) as_root dnf -q install -y $packages </dev/null ;;
    *) stop "this system has neither apt-get nor dnf; install what brings these: $packages" ;;
    esac
    packages=$(missing "$family" "$1")
    [ -z "$packages" ] || stop "installed, and yet not to be found: $packages"
}

# Root through sudo has done its part once packages are there: the rest runs as the caller, whose files they are.
become_caller() {
    local caller=${SUDO_USER:-root}
    if [ "$(id -u)" = 0 ] && [ "$caller" != root ] && sudo -n -u "$caller" -- test -w .; then
        exec sudo -n -H -u "$caller" -- "$PWD/bootstrap.sh" "$@"
    fi
}

jobs_count() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

# A skeleton that changes later remakes itself in make.
make_configure() {
    if [ ! -x configure ] || [ ! -f build-aux/ltmain.sh ]; then
        say "autoreconf"
        mkdir -p m4
        autoreconf -i
    fi
}

# build FOLDER [CONFIGURE ARGUMENT...]: configures FOLDER, and cleans it if it was configured in another way.
configure_in() {
    local folder=$1 wanted
    shift
    wanted="$*"
    mkdir -p "$folder"
    if [ ! -f "$folder/config.status" ] || [ "$(cat "$folder/configured" 2>/dev/null)" != "$wanted" ]; then
        say "configure in ./$folder $wanted"
        if [ -f "$folder/Makefile" ]; then make -s -C "$folder" clean; fi
        (cd "$folder" && ../configure -q "$@")
        echo "$wanted" >"$folder/configured"
    fi
}

build() {
    local folder=$1
    shift
    make_configure
    configure_in "$folder" "$@"
    say "make in ./$folder"
    make -s -C "$folder" -j"$(jobs_count)"
}

# ./build as it was configured, by whomever, is good enough to build and show.
build_as_it_is() {
    if [ -f build/config.status ]; then
        make_configure
        make -s -C build -j"$(jobs_count)"
    else
        build build
    fi
}

passed=0
failed=0
skipped=0
broken=()

# add SUITE PASSED FAILED SKIPPED
add() {
    printf '%s: %s passed, %s failed, %s skipped\n' "$@"
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    if [ "$3" -gt 0 ]; then broken+=("$1"); fi
}

# Counts one run of the test harness: a unit test's own cases where its log has them, else one per program.
count_harness() {
    find "$1" -name '*.trs' -exec awk '
        FNR == 1 { log_file = FILENAME; sub(/trs$/, "log", log_file) }
        /^:test-result:/ {
            p = f = s = 0
            while ((getline line < log_file) > 0) {
                if (match(line, /^\[  PASSED  \] [0-9]+ test/)) p += substr(line, 14)
                if (match(line, /^\[  FAILED  \] [0-9]+ test/)) f += substr(line, 14)
                if (match(line, /^\[  SKIPPED \] [0-9]+ test/)) s += substr(line, 14)
            }
            close(log_file)
            if ($2 == "SKIP") s++
            else if ($2 != "PASS" && f == 0) f++
            else if ($2 == "PASS" && p + s == 0) p++
            passed += p; failed += f; skipped += s
        }
        END { print passed + 0, failed + 0, skipped + 0 }' {} +
}

# harness SUITE FOLDER TARGET: make TARGET there; what failed is shown.
harness() {
    local counts rc=0
    say "$1: make $3 in ./$2"
    find "$2" -name '*.trs' -delete
    make -s -C "$2" -j"$(jobs_count)" "$3" >"$2/$3.out" 2>&1 || rc=$?
    grep -E '^(FAIL|ERROR|SKIP|# (TOTAL|PASS|FAIL|ERROR|SKIP))' "$2/$3.out" || true
    if [ "$rc" != 0 ]; then
        if grep -q '^# TOTAL' "$2/$3.out"; then cat "$2/test-suite.log"; else tail -n 100 "$2/$3.out"; fi
    fi
    counts=$(count_harness "$2")
    # shellcheck disable=SC2086 # three numbers
    set -- "$1" $counts
    if [ "$rc" != 0 ] && [ "$3" = 0 ]; then set -- "$1" "$2" 1 "$4"; fi # it did not come to a test
    add "$@"
}

# The tests that need a browser, with packages from tests/browser's lock file.
browser() {
    local out=build/browser.out rc=0
    say "browser: make check-browser in ./build"
    make -s -C build check-browser >"$out" 2>&1 || rc=$?
    if [ "$rc" != 0 ]; then tail -n 100 "$out"; fi
    set -- "$(sed -n 's/^# pass //p' "$out")" "$(sed -n 's/^# fail //p' "$out")" "$(sed -n 's/^# skipped //p' "$out")"
    if [ "$rc" != 0 ] && [ "${2:-0}" = 0 ]; then set -- "${1:-0}" 1 "${3:-0}"; fi
    add browser "${1:-0}" "${2:-0}" "${3:-0}"
}

check() {
    build build --enable-werror
    harness check build check
    browser
    make_configure
    configure_in build-asan --enable-werror --enable-sanitizers CFLAGS="-g -O1"
    harness sanitizers build-asan check-unit
}

check_long() {
    harness valgrind build check-valgrind
    configure_in build-clang --enable-werror CC=clang
    harness clang build-clang check
    configure_in build-tsan --enable-werror --enable-sanitizers=thread CFLAGS="-g -O1"
    harness threads build-tsan check-unit
    harness "end to end, sanitized" build-asan check
    say "fault: 1000 kills, and one at each thing that is done to a file; 200 changed bytes, 50 cuts; a clock that jumps at each look; 1000 plugins exchanged"
    if KILLS=1000 IO_EVERY=1 DAMAGE=200 CUTS=50 CLOCK_EVERY=1 PLUGS=1000 make -s -C build check \
        TESTS="$(cd build && make -s print-fault-tests)" TEST_LIMIT='timeout -k 10 3600' >build/kill.out 2>&1; then
        add fault 1 0 0
    else
        tail -n 100 build/kill.out
        add fault 0 1 0
    fi
    say "random: 100 000 workflows against the model"
    if GRAPHS=100000 make -s -C build check TESTS=tests/unit/test_flow_random >build/random.out 2>&1; then
        add random 1 0 0
    else
        tail -n 100 build/tests/unit/test_flow_random.log
        add random 0 1 0
    fi
    configure_in build-fuzz CC=clang --enable-fuzzing
    if make -s -C build-fuzz -j"$(jobs_count)" check-fuzz; then add fuzz 1 0 0; else add fuzz 0 1 0; fi
    say "make distcheck in ./build"
    if make -s -C build distcheck >build/distcheck.out 2>&1; then
        add distcheck 1 0 0
    else
        tail -n 100 build/distcheck.out
        add distcheck 0 1 0
    fi
}

finish() {
    say "took $SECONDS s${broken[*]:+; failed: ${broken[*]}}"
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

demo() {
    local sentence="a todo app with due dates, tags, search and dark mode"
    say "build/tdev build \"$sentence\" -o demo-app --force"
    build/tdev build "$sentence" -o demo-app --force
    printf '\nOpen it in a browser: file://%s/demo-app/index.html\n' "$PWD"
    printf 'Say it in your words:  build/tdev build "..." -o my-app\n'
}

case ${1:-build} in
build | demo) needs=$build_needs ;;
check) needs=$build_needs$check_needs ;;
check-long) needs=$build_needs$check_needs$long_needs ;;
*) stop "\"$1\" is not known; say nothing, demo, check or check-long" ;;
esac
install_missing "$needs"
become_caller "$@"
case ${1:-build} in
build)
    build_as_it_is
    say 'built: build/tdev. Next: build/tdev build "a todo app with dark mode" -o my-app, or ./bootstrap.sh demo'
    ;;
demo)
    build_as_it_is
    demo
    ;;
check)
    check
    finish
    ;;
check-long)
    check
    check_long
    finish
    ;;
esac
