# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests share: a home of their own, and claims. TDEV is the installed program.
set -u
: "${TDEV:?the program to test}" "${TEST_SRCDIR:?the source folder}" "${TEST_BUILDDIR:?the build folder}"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_STATE_HOME=$dir/state XDG_DATA_HOME=$dir/data
unset TDEV_CONFIG TDEV_PROFILE TDEV_STATE_DIR
export TDEV_HTTP_LISTEN=127.0.0.1:0 # tests may run side by side
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TESTS # a make that a test runs is nobody's child
cd "$dir" || exit 99

# The plugin "steps", made for tests.
use_steps() {
    export TDEV_PLUGINS_PATHS=$TEST_BUILDDIR/tests/plugins-tree TDEV_PLUGINS_INLINE=$TEST_BUILDDIR/tests/plugins-tree
    if [ ! -e "$TDEV_PLUGINS_PATHS/steps/steps.so" ]; then echo "the test plugin steps is not built"; exit 77; fi
}

fail() {
    echo "not ok - $*"
    [ -s out ] && sed 's/^/  out: /' out | head -20
    [ -s err ] && sed 's/^/  err: /' err | head -20
    exit 1
}

# want CODE COMMAND...: runs it, and claims its exit code. Its output is in out and err.
want() {
    local code=$1 rc
    shift
    "$@" >out 2>err </dev/null
    rc=$?
    [ "$rc" = "$code" ] || fail "\"$*\" exits $rc, not $code"
}

# says FILE TEXT: the file holds the text.
says() {
    grep -qF -- "$2" "$1" || fail "$1 does not say: $2"
}
