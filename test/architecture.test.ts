import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { handlerText } from "../provider/resources/resource.js";

const root = path.resolve(__dirname, "..");

interface Import {
  /** File with the import, from the root. */
  readonly from: string;
  /** File that is imported, from the root; a package by its name, a builtin by its `node:` name. */
  readonly to: string;
  /** Whether nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** What is named in the braces. */
  readonly names: readonly string[];
}

const sources = ["provider", "program", "cli", "emulator"].flatMap(sourcesBelow);
const imports = sources.flatMap(importsOf);

interface Arrow {
  /** Rooms, or files of a room, that may be used at run time. */
  readonly values: readonly string[];
  /** Of which types alone may be used, which are gone at run time. */
  readonly types?: readonly string[];
}

/** Which rooms of the provider each room may look into, and how. */
const arrows: Readonly<Record<string, Arrow>> = {
  // What a program declares becomes rows and lines: the words of the table are shared, its machine is not.
  resources: {
    values: [
      "resources",
      "fleet",
      "pki",
      "engine/projectFolder.ts",
      "reconcile/table/row.ts",
      "reconcile/table/formatRow.ts",
      "reconcile/table/parseRow.ts",
      "reconcile/table/packRecords.ts",
      "reconcile/table/packRotation.ts",
    ],
    types: ["reconcile/table/record.ts"],
  },
  dynamic: { values: ["dynamic", "lifecycle", "engine", "reconcile/run/stepWords.ts"] },
  lifecycle: {
    values: ["lifecycle", "reconcile", "ways", "journal", "cloud", "signers", "pki", "fleet", "engine"],
  },
  reconcile: {
    values: ["reconcile", "ways", "cloud", "pki", "fleet", "engine", "signers/description.ts"],
    types: ["lifecycle/session/session.ts", "journal/entry.ts"],
  },
  ways: { values: ["ways", "cloud", "pki", "fleet", "engine"], types: ["reconcile"] },
  journal: { values: ["journal", "engine", "fleet/foldIds.ts", "fleet/idPattern.ts"] },
  engine: { values: ["engine"] },
  // It knows nothing of Pulumi: of the engine's room it needs the time, and what may be printed.
  cloud: { values: ["cloud", "schema", "engine/clock.ts", "engine/poll.ts", "engine/escaped.ts"] },
  // They speak to processes and tokens: who signs is nothing that keys and certificates know.
  signers: { values: ["signers", "pki", "engine", "fleet/sources/textFile.ts"], types: ["fleet/caRole.ts"] },
  pki: { values: ["pki"] },
  fleet: { values: ["fleet", "schema"] },
};

/** The files of a room that are more than its others: they do what the others only decide. */
const exceptions: readonly { readonly from: string; readonly to: string }[] = [
  { from: "provider/reconcile/run/survey.ts", to: "journal" },
  { from: "provider/reconcile/run/renewals.ts", to: "journal" },
];

/** The files of `reconcile` that talk to the account; all others are pure. */
const IMPURE = [
  ...["calls", "readRows", "renewals", "run", "survey", "watch"],
  ...[
    "bulk",
    "claims",
    "configure",
    "confirm",
    "credentials",
    "jitp",
    "outcome",
    "remove",
    "settings",
    "singly",
  ].map((name) => `steps/${name}`),
].map((name) => `provider/reconcile/run/${name}.ts`);

/** Module-level state that lives as long as the process, with the reason for it. */
const MODULE_STATE: Readonly<Record<string, string>> = {
  "provider/dynamic/session.ts: shared": "the session that all resource types of one provider process share",
  "provider/resources/plainSecrets.ts: warned":
    "the runs that were warned of plain secrets, which are forgotten with their stacks",
  "provider/fleet/shape/validate.ts: validators": "compiled schemas, which are the same for ever",
};

/** Packages and builtins that speak to something outside, and the only places that may. */
const outside: Readonly<Record<string, readonly string[]>> = {
  "@pulumi/pulumi": ["provider/resources/", "provider/engine/", "program/"],
  axios: ["provider/cloud/"],
  "axios-retry": ["provider/cloud/"],
  commander: ["cli/"],
  "cli-progress": ["cli/"],
  "p-queue": ["provider/cloud/"],
  "https-proxy-agent": ["provider/cloud/"],
  "proxy-from-env": ["provider/cloud/"],
  "node:child_process": ["provider/signers/outsideSigner.ts", "cli/pulumi/"],
  "node:http": ["provider/cloud/", "emulator/"],
  "node:https": ["provider/cloud/"],
  "node-forge": ["provider/pki/", "emulator/"],
  // The page of a report names the hash of its script, and so runs no other.
  "node:crypto": [
    "provider/pki/",
    "provider/journal/seal.ts",
    "provider/lifecycle/journalKey.ts",
    "provider/lifecycle/tables/declaredDigest.ts",
    "cli/report/html.ts",
    "emulator/",
  ],
  "node:fs": [
    "provider/journal/",
    "provider/dynamic/session.ts",
    "provider/engine/projectFolder.ts",
    "provider/fleet/disk.ts",
    "provider/resources/",
    "provider/signers/",
    "cli/",
    "emulator/",
  ],
};

describe("the rooms of the provider", () => {
  it("are those that the arrows know", () => {
    const rooms = readdirSync(path.join(root, "provider"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(rooms.sort()).toEqual(Object.keys(arrows).sort());
  });

  it.each(Object.entries(arrows))("%s looks only where it may", (room, { values, types = [] }) => {
    const ours = imports.filter(({ from, to }) => from.startsWith(`provider/${room}/`) && isOurs(to));
    expect(ours.length).toBeGreaterThan(0);
    const isIn = (to: string, places: readonly string[]) =>
      places.some((place) => roomOf(to) === place || to === `provider/${place}`);
    const strays = ours.filter(({ from, to, typeOnly }) => {
      if (isIn(to, values) || (typeOnly && isIn(to, types))) return false;
      return !exceptions.some((each) => each.from === from && each.to === roomOf(to));
    });
    expect(strays.map(described)).toEqual([]);
  });

  it("reconcile decides without asking anybody, but for the files that carry out and look", () => {
    const impure = imports.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith("provider/reconcile/") &&
        !typeOnly &&
        (roomOf(to) === "cloud" || roomOf(to) === "journal" || to.startsWith("node:timers")),
    );
    const asking = [...new Set(impure.map(({ from }) => from))].sort();
    expect(asking.filter((file) => !IMPURE.includes(file))).toEqual([]);
    const impurity = /\bnew Date\(\)|\bDate\.now\b|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\brandom[A-Z]/;
    const pure = sources.filter((file) => file.startsWith("provider/reconcile/") && !IMPURE.includes(file));
    expect(pure.length).toBeGreaterThan(10);
    for (const file of pure) expect(readFileSync(path.join(root, file), "utf8"), file).not.toMatch(impurity);
  });

  it("keep nothing in a module but what is listed here with its reason", () => {
    const kept = sources.filter((file) => file.startsWith("provider/")).flatMap(moduleStateOf);
    expect(kept.sort()).toEqual(Object.keys(MODULE_STATE).sort());
  });

  it("know the outside only where they are made for it", () => {
    const strays = imports.filter(({ from, to }) => {
      const allowed = outside[to];
      return allowed !== undefined && !allowed.some((place) => from.startsWith(place));
    });
    expect(strays.map(described)).toEqual([]);
  });

  it("leave paths and headers of the API to cloud/", () => {
    const words =
      /\bAuthorization\b|\bBearer\b|^\/?(v\d|devices|account|bulk-ops-requests|association|claimed-devices)\//;
    const inCloud = sources.filter((file) => file.startsWith("provider/cloud/")).flatMap(textsOf);
    expect(inCloud.some(({ text }) => words.test(text))).toBe(true);

    const elsewhere = sources.filter(
      (file) => /^(provider|program)\//.test(file) && !file.startsWith("provider/cloud/"),
    );
    const strays = elsewhere.flatMap(textsOf).filter(({ text }) => words.test(text));
    expect(strays).toEqual([]);
    const makers = imports.filter(
      ({ to, from }) =>
        to === "provider/cloud/transport.ts" && /^(provider|program|cli)\/(?!cloud\/)/.test(from),
    );
    expect(makers.flatMap(({ names }) => names).sort()).toEqual([
      "DEFAULT_ENDPOINT",
      "DEFAULT_IDENTITY_ENDPOINT",
      "Transport",
    ]);
  });

  it("name no web address but those of the two services, in one place", () => {
    const addresses = sources
      .filter((file) => /^(provider|program)\//.test(file))
      .flatMap(textsOf)
      .filter(({ text }) => /https?:\/\/\w/.test(text));
    expect(addresses).toEqual(
      ["https://api.nrfcloud.com/v1", "https://api.provisioning.nrfcloud.com/v1"].map((text) => ({
        file: "provider/cloud/transport.ts",
        text,
      })),
    );
  });
});

describe("the houses", () => {
  it("emulator and provider never look at each other", () => {
    const strays = imports.filter(
      ({ from, to }) =>
        (from.startsWith("emulator/") && /^(provider|program|cli|schema)\//.test(to)) ||
        (/^(provider|program|cli)\//.test(from) && to.startsWith("emulator/")),
    );
    expect(strays.map(described)).toEqual([]);
  });

  it("the program uses the public door, as a user would, and the one helper that finds the project's folder", () => {
    const used = imports
      .filter(({ from, to }) => from.startsWith("program/") && isOurs(to))
      .map(({ to }) => to);
    expect([...new Set(used)].sort()).toEqual(["provider/index.ts", "provider/resources/project.ts"]);
  });

  it("nothing that a program uses looks into the command line", () => {
    const strays = imports.filter(({ from, to }) => !from.startsWith("cli/") && to.startsWith("cli/"));
    expect(strays.map(described)).toEqual([]);
  });

  it("nothing looks into tests, tools or examples", () => {
    const strays = imports.filter(({ to }) => /^(test|tools|examples|dist)\//.test(to));
    expect(strays.map(described)).toEqual([]);
  });

  it("no import leads nowhere", () => {
    const missing = imports.filter(({ to }) => isOurs(to) && !existsSync(path.join(root, to)));
    expect(missing.map(described)).toEqual([]);
  });
});

describe("what may never change, because the state of every stack depends on it", () => {
  // Lines may be added; none may ever change or go.
  const handlers = [
    ["ca-certificate", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/ca-certificate.cjs");'],
    [
      "device-certificate",
      'exports.handler = () => require("pulumi-nrfcloud/dynamic/device-certificate.cjs");',
    ],
    ["device", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/device.cjs");'],
    [
      "attestation-claim",
      'exports.handler = () => require("pulumi-nrfcloud/dynamic/attestation-claim.cjs");',
    ],
    ["device-set", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/device-set.cjs");'],
    ["journal-key", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/journal-key.cjs");'],
    [
      "provisioning-rule",
      'exports.handler = () => require("pulumi-nrfcloud/dynamic/provisioning-rule.cjs");',
    ],
    ["jitp-certificate", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/jitp-certificate.cjs");'],
    ["ownership-claim", 'exports.handler = () => require("pulumi-nrfcloud/dynamic/ownership-claim.cjs");'],
  ] as const;

  it.each(handlers)("is the text by which a resource finds its code: %s", (handler, text) => {
    expect(handlerText(handler)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(300);
  });

  it("is the files which that text names", () => {
    const named = handlers.map(([handler]) => `${handler}.cts`);
    const present = readdirSync(path.join(root, "provider/dynamic")).filter((name) => name.endsWith(".cts"));
    expect(present.sort()).toEqual(named.sort());
  });

  it("is the door of the package through which they are reached", () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: "pulumi-nrfcloud",
      exports: { "./dynamic/*.cjs": "./dist/provider/dynamic/*.cjs" },
    });
  });

  it("is the type of each resource", () => {
    const types = sources
      .filter((file) => file.startsWith("provider/resources/"))
      .flatMap(textsOf)
      .map(({ text }) => text)
      .filter((text) => text.startsWith("pulumi-nodejs:") || text.startsWith("nrfcloud:"));
    expect(types.sort()).toEqual(["nrfcloud:index:Fleet", "pulumi-nodejs:dynamic/nrfcloud:"]);
  });
});

describe("the public door", () => {
  it("opens to these values, and to no others", () => {
    expect(exportsOf("provider/index.ts").values).toEqual([
      "AttestationClaim",
      "CaCertificate",
      "Device",
      "DeviceCertificate",
      "DeviceSet",
      "Fleet",
      "JitpCertificate",
      "JournalKey",
      "OwnershipClaim",
      "ProvisioningRule",
    ]);
  });

  it("opens to these types, and to no others", () => {
    expect(exportsOf("provider/index.ts").types).toEqual([
      "AttestationClaimArgs",
      "AttestedDevice",
      "CaCertificateArgs",
      "DeviceArgs",
      "DeviceCertificateArgs",
      "DeviceCredential",
      "DeviceIssueArgs",
      "DeviceRow",
      "DeviceSetArgs",
      "ExistingCaArgs",
      "FirmwareType",
      "FleetArgs",
      "FleetDefinition",
      "IssueArgs",
      "JitpCertificateArgs",
      "JitpDevice",
      "KeyRotationArgs",
      "KeyUsage",
      "NewCaArgs",
      "OwnershipClaimArgs",
      "PreconnectDevice",
      "ProvisioningCommand",
      "ProvisioningRuleArgs",
      "RolloutArgs",
      "RotationArgs",
      "RowCredentialArgs",
      "SecretReference",
      "SetDevice",
      "SignerArgs",
      "SignerCaArgs",
      "SigningCa",
      "Subject",
    ]);
  });
});

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?ts$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}

/** Every node of a file, outermost first. */
function nodesOf(file: string): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(parsed(file), visit);
  return nodes;
}

function importsOf(from: string): Import[] {
  return nodesOf(from).flatMap((node) => {
    const found = importIn(node);
    return found === undefined ? [] : [{ from, ...found, to: resolved(from, found.to) }];
  });
}

function importIn(node: ts.Node): Omit<Import, "from"> | undefined {
  if (ts.isImportDeclaration(node)) return importDeclared(node);
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const elements =
      node.exportClause && ts.isNamedExports(node.exportClause) ? [...node.exportClause.elements] : [];
    const typeOnly =
      node.isTypeOnly || (elements.length > 0 && elements.every((element) => element.isTypeOnly));
    return { to: textOf(node.moduleSpecifier), typeOnly, names: elements.map(({ name }) => name.text) };
  }
  // import("…").Type
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { to: textOf(node.argument.literal), typeOnly: true, names: [] };
  }
  // import x = require("…")
  if (ts.isExternalModuleReference(node)) return { to: textOf(node.expression), typeOnly: false, names: [] };
  // import("…") and require("…")
  if (ts.isCallExpression(node)) {
    const { expression, arguments: given } = node;
    const calls =
      expression.kind === ts.SyntaxKind.ImportKeyword ||
      (ts.isIdentifier(expression) && expression.text === "require");
    const [what] = given;
    if (calls && what !== undefined) return { to: textOf(what), typeOnly: false, names: [] };
  }
  return undefined;
}

function importDeclared({ importClause, moduleSpecifier }: ts.ImportDeclaration): Omit<Import, "from"> {
  const bindings = importClause?.namedBindings;
  const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  const typeOnly =
    importClause !== undefined &&
    (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
      (importClause.name === undefined &&
        elements.length > 0 &&
        elements.every((element) => element.isTypeOnly)));
  const values = elements.filter((element) => !element.isTypeOnly && !typeOnly);
  return { to: textOf(moduleSpecifier), typeOnly, names: values.map(({ name }) => name.text) };
}

function textOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  throw new Error(`an import of what is no plain text can't be judged: ${node.getText()}`);
}

/** The file that an import means; imports are written with the ending that the file has once it is compiled. */
function resolved(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return packageOf(specifier);
  const target = path.posix.join(path.posix.dirname(from), specifier);
  return target.replace(/\.([cm]?)js$/, ".$1ts");
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function isOurs(file: string): boolean {
  return /^(provider|program|cli|emulator|schema|test|tools|examples|dist)\//.test(file);
}

/** `engine` of `provider/engine/journal.ts`, `schema` of anything in there, `index.ts` of the door. */
function roomOf(file: string): string {
  const [house = "", room = ""] = file.split("/");
  return house === "provider" ? room : house;
}

function described({ from, to, typeOnly }: Import): string {
  return `${from} → ${to}${typeOnly ? " (types)" : ""}`;
}

/** What a module keeps that can change: variables, and empty collections that are filled later. */
function moduleStateOf(file: string): string[] {
  return parsed(file).statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return [];
    const { declarations, flags } = statement.declarationList;
    return declarations
      .filter(({ initializer }) => (flags & ts.NodeFlags.Const) === 0 || isEmptyCollection(initializer))
      .map(({ name }) => `${file}: ${name.getText()}`);
  });
}

function isEmptyCollection(value: ts.Expression | undefined): boolean {
  if (value === undefined) return false;
  if (ts.isNewExpression(value))
    return /^(Weak)?(Map|Set)$/.test(value.expression.getText()) && (value.arguments ?? []).length === 0;
  return ts.isArrayLiteralExpression(value) && value.elements.length === 0;
}

/** Texts and names in the code of a file; comments and the specifiers of imports are left out. */
function textsOf(file: string): { file: string; text: string }[] {
  return nodesOf(file).flatMap((node) => {
    const { parent } = node;
    const isSpecifier = ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isIdentifier(node);
    return isText && !isSpecifier ? [{ file, text: node.text }] : [];
  });
}

function exportsOf(file: string): { values: string[]; types: string[] } {
  const values: string[] = [];
  const types: string[] = [];
  for (const statement of parsed(file).statements) {
    if (
      !ts.isExportDeclaration(statement) ||
      !statement.exportClause ||
      !ts.isNamedExports(statement.exportClause)
    ) {
      throw new Error(`${file} may only pass on by name: ${statement.getText()}`);
    }
    for (const element of statement.exportClause.elements) {
      (statement.isTypeOnly || element.isTypeOnly ? types : values).push(element.name.text);
    }
  }
  return { values: values.sort(), types: types.sort() };
}
