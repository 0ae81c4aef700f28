#!/bin/sh
# A signer (docs/signer.md) with openssl and a key on a PKCS#11 token, by the engine of libp11 (Debian: libengine-pkcs11-openssl):
#
#   signer: { command: [./openssl-pkcs11.sh, "pkcs11:token=fleet;object=ca"] }
#
# PKCS11_MODULE_PATH names the library of the token, and HSM_PIN has its PIN. Where openssl does not find the engine, OPENSSL_ENGINES names
# its folder.
set -eu
key=$1
# A $, a # or a quote would mean something in the file below.
pin=$(printf %s "$HSM_PIN" | sed 's/[\\$#"'"'"']/\\&/g')
conf=$(mktemp)
trap 'rm -f "$conf"' EXIT
# The provider ends a signer by a signal.
trap 'exit 1' HUP INT TERM
# In a file that only you may read: other people can see the arguments of a command.
cat >"$conf" <<END
openssl_conf = conf
[conf]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
MODULE_PATH = $PKCS11_MODULE_PATH
PIN = $pin
init = 1
END
while read -r id digest; do
  signature=$(printf %s "$digest" | openssl base64 -d -A |
    OPENSSL_CONF=$conf openssl pkeyutl -sign -engine pkcs11 -keyform engine -inkey "$key" | openssl base64 -A)
  # openssl has said on stderr what is wrong.
  [ -n "$signature" ] || exit 1
  printf '%s %s\n' "$id" "$signature"
done
