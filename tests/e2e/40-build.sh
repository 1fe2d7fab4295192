#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job: a sentence in, a project and its zip out, the same for the same sentence; bad input leaves nothing behind.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
want 0 "$TDEV" build "독서 기록 앱. 별점, 태그, 검색, 다크 모드" -o reading --json
for word in '"ratings"' '"tags"' '"search"' '"dark-mode"' '"stack": "static"'; do says out "$word"; done
[ -s reading/index.html ] || fail "there is no index.html"
zip=$(find reading/dist -name '*.zip')
sum=$(sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p' out)
[ "$(sha256sum "$zip" | cut -d' ' -f1)" = "$sum" ] || fail "the zip is not the one that was told"
check=$(sed -n '/^sha256sum/p' reading/README.md)
[ -n "$check" ] || fail "the README does not say how to check the files"
(cd reading && $check >/dev/null) || fail "the files are not as the README has them checked: $check"
want 0 "$TDEV" build "독서 기록 앱. 별점, 태그, 검색, 다크 모드" -o again --json
says out "$sum"
diff -r reading again >diff.txt || fail "the same sentence gave another project: $(head -3 diff.txt)"
want 3 "$TDEV" build "독서 기록 앱" -o reading; says err "--force"
want 0 "$TDEV" build "Track plants with name, species, last watered date and a photo" -o reading --force --explain
says out "species"; says out 'title     Plants, from "plants"'; says out "layout    cards: "
grep -q species reading/js/model.js || fail "the old project is still there"
mkdir mine; echo hi >mine/precious
want 3 "$TDEV" build "a recipe app" --force -o mine; says err '"precious" in it is not from a tdev build'
[ "$(cat mine/precious)" = hi ] || fail "--force took a file that no build left"
echo edited >reading/index.html; echo hi >reading/js/precious
want 3 "$TDEV" build "a recipe app" --force -o reading; says err '"js/precious"'
rm reading/js/precious
want 0 "$TDEV" build "a recipe app" --force -o reading
grep -q edited reading/index.html && fail "--force kept an edit"
want 1 "$TDEV" build "a recipe app" -o mine/precious/app; says err "mine/precious/app"; says err "choose another folder"
want 0 "$TDEV" build "A recipe box with tags and search, no login"; says out "project"
want 0 "$TDEV" build "a list of plants" -o "it's mine"
eval "[ -s $(sed -n 's/^open *xdg-open //p' out) ]" || fail "what is said to open it does not"
want 2 "$TDEV" build "a list" -o ""; says err "--output"
want 0 "$TDEV" build "an order app" -o orders --explain; says out "usual for an order"
grep -q "frame:" out && fail "a key of the word lists is shown"
want 0 "$TDEV" build "독서 기록 앱" -o other-reading --explain --name my-reading
says out "책에는 보통 있는 것"; says out "title     My Reading, 지정한 이름"
want 3 "$TDEV" build ""; says err "the request is empty"
want 3 "$TDEV" build "   "
want 3 "$TDEV" build "$(printf 'an app \xff')"; says err "UTF-8"
want 3 "$TDEV" build "$(head -c 100000 /dev/zero | tr '\0' 'a')"; says err "at most"
want 3 "$TDEV" build "$(printf 'an app\001')" -o other
want 3 "$TDEV" build "a list" --stack rails -o other; says err "rails"
want 3 "$TDEV" build "a list" --lang fr -o other; says err "--lang"
[ -e other ] && fail "something was left of a build that was refused"
want 0 "$TDEV" build 'notes <script>alert(1)</script> {{x}} ../../etc/passwd $(id)' -o safe
grep -rF '<script>alert' safe --include=index.html && fail "markup of the request is in the page"
if [ "$(id -u)" != 0 ]; then
    mkdir -p locked; chmod 500 locked
    want 1 "$TDEV" build "a list" -o locked/app; says err "locked/app"; says err "that you may write to"
fi
ls -a | grep -q '\.tdev-' && fail "a temporary folder is left"
echo "ok"
