/** What is inside of an authority that a fleet takes over. */
import type { ExistingCaSpec, SecretSource, SignerCaSpec } from "./fleet.js";
import type { Violation } from "./rules.js";
import { limits, readSecretBytes, secretText, type Contents, type FleetIo } from "./sources.js";
import { decodePassword } from "./textFile.js";

/** What is wrong, with the entry that has to change. */
type Wrong = Violation & { readonly key: string };

/** What is wrong inside, as far as it can be read here: not what is in the stack's configuration. */
export function judgeExistingCa(spec: ExistingCaSpec | SignerCaSpec, io: FleetIo): Wrong | undefined {
  if (io.contents === undefined) return undefined;
  if (spec.kind === "signer") {
    const { certificate, chain } = spec;
    if (certificate.kind === "config") return undefined;
    return io.contents.judgeCa({ certificate: certificate.text, chain, password: undefined });
  }
  return spec.kind === "pem" ? judgePem(spec, io.contents, io) : judgePkcs12(spec, io.contents, io);
}

function judgePem(
  { certificate, privateKey, password, chain }: Extract<ExistingCaSpec, { kind: "pem" }>,
  contents: Contents,
  io: FleetIo,
): Wrong | undefined {
  const key = "privateKey";
  const bytes = readSecretBytes(privateKey, limits.pemFile, io);
  if (bytes === undefined) return undefined;
  if (!bytes.ok) return { key, ...bytes };
  const other = contents.recognise(key, bytes.value, fileOf(privateKey));
  if (other) return { key, ...other };
  const text = secretText(privateKey, bytes.value);
  if (!text.ok) return { key, ...text };
  const given = readPassword(password, io);
  if (given === "elsewhere" || certificate.kind === "config") return undefined;
  if (!given.ok) return { key: "password", ...given };
  return contents.judgeCa({
    certificate: certificate.text,
    privateKey: text.value,
    privateKeyFile: fileOf(privateKey),
    password: given.value,
    chain,
  });
}

function judgePkcs12(
  { pkcs12, password, chain }: Extract<ExistingCaSpec, { kind: "pkcs12" }>,
  contents: Contents,
  io: FleetIo,
): Wrong | undefined {
  const key = "pkcs12";
  const bytes = readSecretBytes(pkcs12, limits.archiveFile, io);
  if (bytes === undefined) return undefined;
  if (!bytes.ok) return { key, ...bytes };
  // A variable has base64 text, a file the bytes themselves.
  const archive = pkcs12.kind === "file" ? bytes.value : bytes.value.toString();
  const other = contents.recognise(key, archive, fileOf(pkcs12));
  if (other) return { key, ...other };
  const given = readPassword(password, io);
  if (given === "elsewhere") return undefined;
  if (!given.ok) return { key: "password", ...given };
  return contents.judgeCa({ pkcs12: archive, password: given.value, chain });
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
