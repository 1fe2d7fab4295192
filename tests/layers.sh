#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# layers: the rules of the house that a machine can check.
#
# - who may include whom: the order of the folders of host/ (tests/layers.awk has it), one public header per folder,
#   the SDK and plugins include nothing of host;
# - a function has at most 60 lines and a file at most 500, unless its head comment calls it a flat table or a flat
#   switch; a line has at most 100 columns; each file but a template begins with its licence;
# - every local.mk is included by Makefile.am, and every C file and header belongs to one.
set -u
cd "${TEST_SRCDIR:-$(dirname "$0")/..}" || exit 99
export LC_ALL=C # awk sees bytes everywhere alike
rc=0

sources() {
    find host sdk plugins tests -name '*.[ch]' -not -path '*/node_modules/*' | sort
}

sources | xargs awk -f tests/layers.awk || rc=1

for part in $(find host sdk plugins conf docs packaging tests -name 'local*.mk' | sort); do
    grep -qx "include $part" Makefile.am || {
        echo "$part:1: not included by Makefile.am"
        rc=1
    }
done

# A file in no local.mk is not built, or is missing from what `make dist` packs.
listed=$(find . -name 'local*.mk' -exec cat {} +)
for file in $(sources); do
    case $listed in
    *"$file"*) ;;
    *)
        echo "$file:1: in no local.mk"
        rc=1
        ;;
    esac
done
exit $rc
