#!/bin/sh
# A signer (docs/signer.md) with openssl and a key file:
#
#   signer: { command: [./openssl.sh, ca.key] }
set -eu
key=$1
while read -r id digest; do
  signature=$(printf %s "$digest" | openssl base64 -d -A | openssl pkeyutl -sign -inkey "$key" | openssl base64 -A)
  # openssl has said on stderr what is wrong.
  [ -n "$signature" ] || exit 1
  printf '%s %s\n' "$id" "$signature"
done
