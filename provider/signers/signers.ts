import { createRequire } from "node:module";
import path from "node:path";
import type { Clock } from "../engine/clock.js";
import { asError, ExpectedError } from "../engine/errors.js";
import { describeCa } from "../pki/ca.js";
import { certifier, type Certify } from "../pki/deviceCertificate.js";
import { keySigner, type Signer } from "../pki/signer.js";
import { encodeSigner, type Pkcs11Signer, type SignerDescription, type SigningCa } from "./description.js";
import { OutsideSigner, type SignerProcess } from "./outsideSigner.js";
import { readPin, type SecretSources } from "./pin.js";
import type { Opening } from "./pkcs11/opening.js";
import { isPath, isProgram, isReadable } from "./program.js";
import { titleOf } from "./title.js";

export interface SignersParts extends SecretSources {
  readonly clock: Clock;
  /** The compiled program that signs with a PKCS#11 library. */
  readonly pkcs11Program: string;
}

/** The content of the test signature, before a run changes anything. */
const TEST = Buffer.from("pulumi-nrfcloud: a test of the signer");

/** The signers of a run. Each outside signer has one process. */
export class Signers {
  readonly #outside = new Map<string, { readonly signer: OutsideSigner; tested?: Promise<unknown> }>();

  constructor(private readonly parts: SignersParts) {}

  /** The signer of a CA. @throws PkiError, ExpectedError */
  private of({ certificatePem, key }: SigningCa): Signer {
    return key.kind === "held"
      ? keySigner({ certificatePem, privateKeyPem: key.privateKeyPem })
      : this.#outsideOf(certificatePem, key.signer).signer;
  }

  /** Issues certificates with a CA. @throws PkiError, ExpectedError */
  certifier(ca: SigningCa): Certify {
    return certifier(ca.certificatePem, this.of(ca));
  }

  /** Tests an outside signer once a run, so that a failing signer is detected before anything is changed. @throws ExpectedError */
  async test({ certificatePem, key }: SigningCa): Promise<void> {
    if (key.kind === "held") return;
    const entry = this.#outsideOf(certificatePem, key.signer);
    await (entry.tested ??= entry.signer.sign(TEST));
  }

  /** Why a signer will certainly fail, without asking it for a signature; `undefined` if no reason is known. */
  problem(description: SignerDescription): string | undefined {
    const { projectFolder, env } = this.parts;
    if (description.kind === "command") {
      const [program = ""] = description.argv;
      if (isProgram(program, projectFolder, env)) return undefined;
      return (
        `${titleOf(description)} can't be started: this machine has no such program. Correct its command, or install the program. ` +
        "A path starts at the project's folder."
      );
    }
    try {
      this.#opening(description);
      return undefined;
    } catch (thrown) {
      return asError(thrown).message;
    }
  }

  /** Ends all processes. */
  close(): void {
    for (const { signer } of this.#outside.values()) signer.close();
    this.#outside.clear();
  }

  #outsideOf(certificatePem: string, description: SignerDescription) {
    const { publicKeyPem } = describeCa(certificatePem);
    const name = JSON.stringify([encodeSigner(description), publicKeyPem]);
    const known = this.#outside.get(name);
    if (known !== undefined) return known;
    const signer = new OutsideSigner({ ...this.#process(description), publicKeyPem });
    const entry: { readonly signer: OutsideSigner; tested?: Promise<unknown> } = { signer };
    this.#outside.set(name, entry);
    return entry;
  }

  #process(description: SignerDescription): Omit<SignerProcess, "publicKeyPem"> {
    const { clock, env, projectFolder: cwd, pkcs11Program } = this.parts;
    const { inFlight, timeoutSeconds } = description;
    const common = { title: titleOf(description), cwd, env, inFlight, timeoutSeconds, clock };
    if (description.kind === "command") {
      const [program = "", ...args] = description.argv;
      return { ...common, program, args, opening: undefined };
    }
    const opening = JSON.stringify(this.#opening(description));
    return { ...common, program: process.execPath, args: [pkcs11Program], opening };
  }

  /** @throws ExpectedError for a missing file or program */
  #opening(description: Pkcs11Signer): Opening {
    const { projectFolder } = this.parts;
    const { module, uri, pin } = description;
    const title = titleOf(description);
    const file = isPath(module) ? path.resolve(projectFolder, module) : module;
    if (isPath(module) && !isReadable(file)) {
      throw new ExpectedError(
        `${title} can't be used: this machine has no PKCS#11 library ${JSON.stringify(module)}. Correct \`module\`, or install the library.`,
      );
    }
    return {
      library: this.#library(title),
      module: file,
      uri,
      pin: pin === undefined ? undefined : readPin(pin, this.parts),
    };
  }

  /** The path of pkcs11js, which the project or this package has installed. */
  #library(title: string): string {
    for (const from of [path.join(this.parts.projectFolder, "package.json"), this.parts.pkcs11Program]) {
      try {
        return createRequire(from).resolve("pkcs11js");
      } catch {
        // Try the next place.
      }
    }
    throw new ExpectedError(
      `${title} needs the package pkcs11js, which is not installed. Run \`npm install pkcs11js\` in the project's folder.`,
    );
  }
}
