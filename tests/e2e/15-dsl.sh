#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Workflows in the text notation are checked, run, drawn and found like those in YAML, and are converted both ways.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
cat >hello.flow <<'FLOW'
# a comment
workflow "hello" v1.0:
  inputs: {type: object, required: [who], properties: {who: {type: string}}}
  variables: {said: ""}

  greet -> agent:echo action:"echo"
    inputs: {text: "hi ${input.who}"}
    outputs: {said: "${result.text}"}
  loudly -> agent:echo action:"echo" inputs:{text: "${vars.said}!"}
  done -> end output:"${vars.said}"

  greet => loudly when: vars.said == "hi Kim"
  greet => done otherwise
  loudly => done
FLOW
want 0 "$TDEV" workflow validate hello.flow; says out "hello.flow is valid"
want 0 "$TDEV" run hello.flow -i who=Kim; [ "$(cat out)" = '"hi Kim"' ] || fail "the output is not hi Kim"
says err "loudly"
want 0 "$TDEV" run hello.flow -i who=Lee; [ "$(cat out)" = '"hi Lee"' ] || fail "the output is not hi Lee"
grep -q loudly err && fail "the edge was taken that does not hold"
want 0 "$TDEV" workflow graph hello.flow; says out "<svg"

# found by its id, beside YAML; both of one id are refused
folder=$XDG_CONFIG_HOME/tdev/workflows; mkdir -p "$folder"; cp hello.flow "$folder"
want 0 "$TDEV" workflow validate hello
want 0 "$TDEV" workflow list; says out "hello "
want 0 "$TDEV" workflow convert hello.flow -o "$folder/hello.yaml"; [ -s out ] && fail "a file was asked for"
want 3 "$TDEV" workflow validate hello; says err "$folder/hello.yaml and $folder/hello.flow, keep one of them"
rm "$folder/hello.flow"
want 0 "$TDEV" run hello -i who=Kim; [ "$(cat out)" = '"hi Kim"' ] || fail "the YAML of it says something else"

# there and back is the same text
want 0 "$TDEV" workflow convert "$folder/hello.yaml"; cp out once.flow
want 0 "$TDEV" workflow convert once.flow --to yaml; cmp -s out "$folder/hello.yaml" || fail "it is not the same YAML"
want 0 "$TDEV" workflow convert once.flow --to flow; cmp -s out once.flow || fail "it is not the same text"
want 0 "$TDEV" workflow convert once.flow --json; says out '"notation": "yaml"'
want 2 "$TDEV" workflow convert once.flow --to json; says err "--to must be yaml or flow"
want 3 "$TDEV" workflow convert none.flow; says err "none.flow"
want 0 "$TDEV" workflow validate build-app
data=${TDEV%/bin/tdev}/share/tdev/workflows
for file in "$data"/*.* "$data"/*/*.*; do
    [ -e "$file" ] || continue
    want 0 "$TDEV" workflow validate "$file"
    want 0 "$TDEV" workflow convert "$file" --to flow -o there.flow
    want 0 "$TDEV" workflow validate there.flow
    want 0 "$TDEV" workflow convert there.flow -o back.yaml
    want 0 "$TDEV" workflow validate back.yaml
done

# what is wrong, where, and what was meant
wrong() {
    sed "$1" hello.flow >bad.flow
    want 3 "$TDEV" workflow validate bad.flow
    says err "bad.flow:$2"
}
wrong 's/workflow/workfow/' '2:1: expected workflow "NAME" v1.0: in the first line, found "workfow", did you mean "workflow"'
wrong 's/agent:echo/agnet:echo/' '6:12: expected a type such as wait, or agent:NAME, workflow:NAME or pattern:NAME, found "agnet", did you mean "agent"'
wrong 's/agent:echo/agent:ecko/' '6:18: agent "ecko" is not there, did you mean "echo"'
wrong 's/when:/whem:/' '12:19: expected "=>", "when:", "otherwise", "soft" or the end of the line, found "whem", did you mean "when"'
wrong 's/^  greet =>/  gret =>/' '12:3: there is no node "gret" beside this edge, did you mean "greet"'
wrong 's/=> done/=> don/' '13:12: there is no node "don", did you mean "done"'
wrong 's/outputs: {said/outputs: {sad/' '8:15: there is no variable "sad", did you mean "said"'
wrong 's/when: vars.said/when: said/' '12:25: "said == "hi Kim"": 1:1: variable "said" is not known'
says err "a variable of the workflow is read as vars.said"
# The heads of the examples say what to type beside them.
tdev() { "$TDEV" "$@"; }
mkdir heads && cd heads && cp "$TEST_SRCDIR"/conf/workflows/examples/* . || exit 99
for file in *; do
    [ $file = order.yaml ] && continue # it waits for people
    while read -r command; do
        (eval "$command" >../out 2>../err </dev/null) || { cd ..; fail "$file: $command"; }
    done < <(sed -n 's/^#.*\(tdev \(run\|workflow\) .*\)/\1/p' "$file" | sed 's/   *#.*//')
done
cd ..
echo "ok"
