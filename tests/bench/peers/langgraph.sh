#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# langgraph: the group of bench that runs langgraph.mjs; says what to install when something is missing, and installs nothing.
set -u

here=$(dirname "$0")
skip()
{
    echo "langgraph: $1; $here/README.md says what to install" >&2
    exit 77
}

node=$(command -v node) || skip "there is no node"
[ -n "${PEERS:-}" ] || skip "PEERS does not name the folder with the packages (make bench-peers PEERS=/some/folder)"
[ -d "$PEERS/node_modules/@langchain/langgraph" ] || skip "there is no @langchain/langgraph in $PEERS"
"$node" -e 'require(process.argv[1] + "/node_modules/better-sqlite3")(":memory:")' "$PEERS" 2>/dev/null ||
    skip "better-sqlite3 in $PEERS does not open (npm rebuild better-sqlite3)"
exec "$node" --no-warnings "$here/langgraph.mjs" "${1:-100}"
