/** Checks the contents of an existing CA: certificate, private key, archive and password. */
import type { SecretSource } from "../sources/secretSource.js";
import type { ExistingCaSpec, SignerCaSpec } from "../caSpec.js";
import type { Violation } from "../rules.js";
import type { Contents, FleetIo } from "../sources/io.js";
import { limits } from "../sources/file.js";
import { readSecretBytes, secretText } from "../sources/secret.js";
import { decodePassword } from "../sources/textFile.js";

/** A violation with the key of the `ca` section that has to change. */
type CaViolation = Violation & { readonly key: string };

/** Checks what can be read at load time. What is in the stack's configuration can't be. */
export function checkCaContents(spec: ExistingCaSpec | SignerCaSpec, io: FleetIo): CaViolation | undefined {
  if (io.contents === undefined) return undefined;
  if (spec.kind === "signer") {
    const { certificate, chain } = spec;
    if (certificate.kind === "config") return undefined;
    return io.contents.checkCa({ certificate: certificate.text, chain, password: undefined });
  }
  return spec.kind === "pem" ? checkPemCa(spec, io.contents, io) : checkPkcs12Ca(spec, io.contents, io);
}

function checkPemCa(
  { certificate, privateKey, password, chain }: Extract<ExistingCaSpec, { kind: "pem" }>,
  contents: Contents,
  io: FleetIo,
): CaViolation | undefined {
  const key = "privateKey";
  const bytes = readSecretBytes(privateKey, limits.pemFile, io);
  if (bytes === undefined) return undefined;
  if (!bytes.ok) return { key, ...bytes };
  const other = contents.detectOtherFormat(key, bytes.value, fileOf(privateKey));
  if (other) return { key, ...other };
  const text = secretText(privateKey, bytes.value);
  if (!text.ok) return { key, ...text };
  const given = readPassword(password, io);
  if (given === "elsewhere" || certificate.kind === "config") return undefined;
  if (!given.ok) return { key: "password", ...given };
  return contents.checkCa({
    certificate: certificate.text,
    privateKey: text.value,
    privateKeyFile: fileOf(privateKey),
    password: given.value,
    chain,
  });
}

function checkPkcs12Ca(
  { pkcs12, password, chain }: Extract<ExistingCaSpec, { kind: "pkcs12" }>,
  contents: Contents,
  io: FleetIo,
): CaViolation | undefined {
  const key = "pkcs12";
  const bytes = readSecretBytes(pkcs12, limits.archiveFile, io);
  if (bytes === undefined) return undefined;
  if (!bytes.ok) return { key, ...bytes };
  // An environment variable holds base64, a file the raw bytes.
  const archive = pkcs12.kind === "file" ? bytes.value : bytes.value.toString();
  const other = contents.detectOtherFormat(key, archive, fileOf(pkcs12));
  if (other) return { key, ...other };
  const given = readPassword(password, io);
  if (given === "elsewhere") return undefined;
  if (!given.ok) return { key: "password", ...given };
  return contents.checkCa({ pkcs12: archive, password: given.value, chain });
}

type Password =
  { readonly ok: true; readonly value: string | undefined } | ({ readonly ok: false } & Violation);

function readPassword(source: SecretSource | undefined, io: FleetIo): Password | "elsewhere" {
  if (source === undefined) return { ok: true, value: undefined };
  const bytes = readSecretBytes(source, limits.passwordFile, io);
  if (bytes === undefined) return "elsewhere";
  return bytes.ok ? { ok: true, value: decodePassword(bytes.value) } : bytes;
}

function fileOf(source: SecretSource): string | undefined {
  return source.kind === "file" ? source.path : undefined;
}
