#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The two small tools for authors: expr and schema check.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" expr '1 + 2'; [ "$(cat out)" = 3 ] || fail "1 + 2 is not 3"
echo '{"a": {"b": [1, 2, 3]}}' >data.json
want 0 "$TDEV" expr 'a.b.exists(x, x > 2)' --data data.json; [ "$(cat out)" = true ] || fail "exists"
want 0 "$TDEV" expr '1u + 2u' --typed; says out '"uint": "3"'
echo '{"x": {"uint": "7"}}' >bindings.json
want 0 "$TDEV" expr 'x / 2u' --bindings bindings.json; says out '"uint": "3"'
want 1 "$TDEV" expr '1 / 0'; says err "zero"
want 3 "$TDEV" expr 'nothing + 1'; says err 'nothing'
want 3 "$TDEV" expr '1 +'
echo '{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}' >schema.json
echo '{"name": "Kim"}' >good.json
printf 'name: 1\nage: x\n' >bad.yaml
want 0 "$TDEV" schema check schema.json good.json
want 3 "$TDEV" schema check schema.json bad.yaml; says out "bad.yaml:1:7: /name"; says out "bad.yaml:2:6: /age"
want 3 "$TDEV" schema check schema.json nowhere.json; says err "nowhere.json"
echo "ok"
