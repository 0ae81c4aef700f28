// The files that are made from the code, as they should be.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { declarationsOf } from "./declarations.mjs";
import { fileOf, indexPage, resourcePage } from "./page.mjs";
import { withSettings } from "./settings.mjs";

/** @import { KnownSetting } from "./settings.mjs" */

/** In the order of the index: what most people need comes first. */
const RESOURCES = [
  "Fleet",
  "DeviceSet",
  "CaCertificate",
  "JournalKey",
  "Device",
  "OwnershipClaim",
  "AttestationClaim",
  "JitpCertificate",
  "DeviceCertificate",
  "ProvisioningRule",
];

/** Files outside of the resources' folder with types that users write. A resource has a name before them. */
const OTHERS = ["pki/subject.ts", "pki/keyUsage.ts", "pki/profile.ts", "fleet/rules.ts", "fleet/policy.ts"];

const MADE =
  "<!-- Made from the code by `npm run reference`. Change the docstrings in provider/resources/ instead. -->";

/**
 * @param {string} root  Folder of the checkout.
 * @param {readonly KnownSetting[]} settings
 * @returns {Promise<ReadonlyMap<string, string>>}  Texts by paths from the root.
 */
export async function madeFiles(root, settings) {
  const provider = path.join(root, "provider");
  const resources = readdirSync(path.join(provider, "resources")).map((name) => path.join("resources", name));
  const declarations = declarationsOf([...OTHERS, ...resources].map((file) => path.join(provider, file)));
  const types = RESOURCES.map((name) => {
    const found = declarations.get(name);
    if (found === undefined) throw new Error(`provider/resources declares no class ${name}.`);
    return found;
  });
  const settingsFile = path.join("docs", "settings.md");
  const pages = /** @type {[string, string][]} */ ([
    ["README.md", indexPage(types)],
    ...types.map((type) => [fileOf(type.name), resourcePage(type, declarations)]),
  ]).map(
    ([name, text]) => /** @type {const} */ ([path.join("docs", "reference", name), `${MADE}\n\n${text}`]),
  );
  const files = /** @type {const} */ ([
    ...pages,
    [settingsFile, withSettings(readFileSync(path.join(root, settingsFile), "utf8"), settings)],
  ]);
  const options = await resolveConfig(path.join(root, settingsFile));
  const formatted = files.map(
    async ([file, text]) =>
      /** @type {const} */ ([file, await format(text, { ...options, parser: "markdown" })]),
  );
  return new Map(await Promise.all(formatted));
}
