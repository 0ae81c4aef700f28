#!/bin/sh
# A signer (docs/signer.md) with step-kms-plugin, which reaches AWS KMS, Google Cloud KMS, Azure Key Vault, YubiKeys and PKCS#11:
#
#   signer: { command: [./step-kms.sh, "awskms:key-id=1234abcd-…"], inFlight: 4 }
#
# A second argument is what step-kms-plugin takes as --kms. The credentials of the cloud are those of your environment.
set -eu
key=$1
kms=${2:-$1}
while read -r id digest; do
  signature=$(printf %s "$digest" | openssl base64 -d -A | step-kms-plugin sign --format base64 --kms "$kms" "$key")
  # step-kms-plugin has said on stderr what is wrong.
  [ -n "$signature" ] || exit 1
  printf '%s %s\n' "$id" "$signature"
done
