#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# agents: the group of bench that runs agents.mjs, once for each package that is there; says what to install when none is, and installs nothing.
set -u

here=$(dirname "$0")
skip()
{
    echo "agents: $1; $here/README.md says what to install" >&2
    exit 77
}

node=$(command -v node) || skip "there is no node"
[ -n "${PEERS:-}" ] || skip "PEERS does not name the folder with the packages (make bench-peers PEERS=/some/folder)"
found=
for peer in openai-agents:@openai/agents langgraph:@langchain/langgraph agent-squad:agent-squad; do
    if [ ! -d "$PEERS/node_modules/${peer#*:}" ]; then
        echo "agents: there is no ${peer#*:} in $PEERS" >&2
        continue
    fi
    found=yes
    "$node" --no-warnings "$here/agents.mjs" "${1:-100}" "${peer%%:*}" || exit 1
done
[ -n "$found" ] || skip "there is none of the packages"
