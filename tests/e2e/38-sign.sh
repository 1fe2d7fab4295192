#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plugins are signed, verified, and refused when they must be signed and are not what somebody trusted has signed.
. "${TEST_SRCDIR}/tests/e2e/lib.sh"
bundled=$("$TDEV" plugin info echo | sed -n 3p)
mkdir -p own/echo && cp "$bundled"/* own/echo && chmod -R u+w own || exit 99
export TDEV_PLUGINS_PATHS=$dir/own TDEV_PLUGINS_INLINE=$dir/own

# Keys.
want 0 "$TDEV" plugin keygen -o jane.key; says out "$(cat jane.key.pub)"
[ "$(stat -c %a jane.key)" = 600 ] || fail "others can read the private key"
grep -q '^ed25519 [A-Za-z0-9+/]*=$' jane.key.pub || fail "the public key is not one line"
cp jane.key before
want 3 "$TDEV" plugin keygen -o jane.key; says err '"jane.key" is there already'
cmp -s jane.key before || fail "keygen wrote over a key"
want 0 "$TDEV" plugin keygen -o joe.key --json; says out '"private": "joe.key"'

# Signing.
want 2 "$TDEV" plugin sign own/echo; says err "--key FILE is missing"
want 3 "$TDEV" plugin sign own/echo --key jack.key; says err 'the private key "jack.key" is not there'
want 3 "$TDEV" plugin sign own/echo --key jane.key.pub
want 3 "$TDEV" plugin sign own --key jane.key; says err "plugin.yaml"
mv own/echo/echo.so . && want 3 "$TDEV" plugin sign own/echo --key jane.key && mv echo.so own/echo
says err 'library "echo.so" is not in folder'
want 3 "$TDEV" plugin verify own/echo --trust jane.key.pub; says err "own/echo: is not signed"
want 0 "$TDEV" plugin sign own/echo --key jane.key; says out "signed echo 1.0.0 in own/echo, "
(cd own/echo && sed '1,2d; $d' plugin.sig | sha256sum -c --quiet) || fail "plugin.sig does not have the hashes of the files"
want 0 "$TDEV" plugin verify own/echo --trust "$(cat jane.key.pub) jane"; says out "own/echo is as it was signed by jane, "
want 3 "$TDEV" plugin verify own/echo; says err "is signed with a key that is not trusted: $(cat jane.key.pub)"
want 3 "$TDEV" plugin verify own/echo --trust joe.key.pub; says err "is not trusted"

# openssl says the same of key and signature.
if type -P openssl >/dev/null; then
    sed '$d' own/echo/plugin.sig >text
    sed -n 's/^signature //p' own/echo/plugin.sig | base64 -d >sig
    want 0 openssl pkeyutl -verify -inkey jane.key -rawin -in text -sigfile sig
fi

# The policy.
mkdir -p config/tdev
conf() { printf 'plugins: {signatures: %s, trusted_keys: [%s]}\n' "$1" "${2:-}" >config/tdev/tdev.yaml; }
call() { "$TDEV" agent call echo echo -i text=hello; }
conf require '"'"$(cat jane.key.pub)"' jane"'
want 0 call; says out '"text": "hello"'
want 0 "$TDEV" plugin verify own/echo; says out "signed by jane"
conf require ../../jane.key.pub # from where the file is
want 0 call
conf require
want 3 call; says err 'plugin "echo": is signed with a key that is not trusted: ed25519 '; says err "plugins.trusted_keys"
conf require nowhere.pub
want 3 call; says err 'plugins.trusted_keys: '; says err nowhere.pub
conf require ../../jane.key.pub
echo '# more' >>own/echo/plugin.yaml
want 3 call; says err 'plugin "echo": file "plugin.yaml" was changed after it was signed'
want 0 "$TDEV" plugin list; grep -q '^echo .* refused .*was changed after it was signed' out || fail "the list does not say why"
want 3 "$TDEV" plugin check own/echo; says err 'file "plugin.yaml" was changed'
want 3 "$TDEV" plugin verify own/echo; says err 'own/echo: file "plugin.yaml" was changed'
conf warn ../../jane.key.pub
want 0 call; says err 'file "plugin.yaml" was changed after it was signed'
conf off
want 0 call; [ ! -s err ] || fail "signatures: off says something"
conf require ../../jane.key.pub
want 0 "$TDEV" plugin sign own/echo -k jane.key
want 0 call
touch own/echo/new.txt
want 3 call; says err 'file "new.txt" was added after it was signed'
rm own/echo/new.txt own/echo/plugin.sig
want 3 call; says err 'plugin "echo": is not signed'

# What came with tdev needs none.
unset TDEV_PLUGINS_PATHS
want 0 call; [ ! -s err ] || fail "a bundled plugin is asked for its signature"
echo "ok"
