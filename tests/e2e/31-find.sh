#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Agents and plugins are found by what they are, from their files alone.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"

names() { cut -d' ' -f1 out | tr '\n' ' '; }

want 0 "$TDEV" agent find '"echo" in capabilities'; [ "$(names)" = "echo " ] || fail "found $(names)"
want 0 "$TDEV" plugin find 'kind == "storage" && "sqlite" == plugin'; [ "$(names)" = "sqlite " ] || fail "found $(names)"
want 0 "$TDEV" plugin find 'name in ["retry", "router", "nobody"] && version.satisfies(">=1")'
[ "$(names)" = "retry router " ] || fail "found $(names)"
want 0 "$TDEV" plugin find 'name == "nobody"'; [ -s out ] && fail "nobody is found"

# What a file says of an agent; one that is broken is found by its status only.
mkdir -p config/tdev/agents
printf 'plugin: echo\ntags: [chatty, loud]\ndescription: says it louder\n' >config/tdev/agents/loud.yaml
printf 'plugin: echo\ntags: chatty\n' >config/tdev/agents/bad.yaml
want 0 "$TDEV" agent find '"chatty" in tags'; [ "$(names)" = "loud " ] || fail "found $(names)"; says out 'says it louder'
want 0 "$TDEV" agent find 'plugin == "echo"'; [ "$(names)" = "echo loud " ] || fail "found $(names)"
want 0 "$TDEV" agent find 'status == "refused"'; [ "$(names)" = "bad " ] || fail "found $(names)"
says out 'bad.yaml:2:7: agent "bad": "tags" must be a list of at most 64 texts'
want 0 "$TDEV" agent find --json 'name == "loud"'; says out '"capabilities": ['; says out '"status": "active"'

# How, and what is wrong.
want 0 "$TDEV" agent find --explain '"echo" in capabilities && description.size() > 0'
says out 'index        2  capabilities echo'; says out '2 judged by the expression'
want 0 "$TDEV" agent find --explain --json 'name == "echo"'; says out '"judged": 0'; says out '"found": 1'
want 0 "$TDEV" agent find 'tags[0] == "chatty"'; [ "$(names)" = "loud " ] || fail "found $(names)"; says err 'could not be judged, the first: 1:6: '
want 3 "$TDEV" agent find 'nmae == "x"'; says err 'query: 1:1: variable "nmae" is not known, did you mean "name"'
want 3 "$TDEV" agent find 'name'; says err 'result is string'
