// The reference page of a resource type, from what the sources declare.

/** @import { Declaration, Member } from "./declarations.mjs" */

/** Rooms in the life of a resource, by the tags of its docstring. */
const LIFE = /** @type {const} */ ([
  ["create", "Create"],
  ["refresh", "Refresh"],
  ["update", "Update"],
  ["replace", "Replace"],
  ["delete", "Delete"],
]);

/**
 * @param {Declaration} resource
 * @param {ReadonlyMap<string, Declaration>} declarations  All that there are, by name.
 * @returns {string}  Markdown, not formatted yet.
 */
export function resourcePage(resource, declarations) {
  const args = declarations.get(`${resource.name}Args`);
  const types = args === undefined ? [] : typesBelow(args, declarations);
  const returned = typesBelow(resource, declarations).filter((type) => !types.includes(type));
  return [
    `# ${resource.name}`,
    resource.docs.text,
    resource.docs.tags.get("example") ?? "",
    "## Inputs",
    args === undefined ? "None." : inputsOf(args, declarations),
    ...types.flatMap((type) => [`### ${type.name}`, type.docs.text, inputsOf(type, declarations)]),
    "## Outputs",
    outputsOf(resource, declarations),
    ...returned.flatMap((type) => [`### ${type.name}`, type.docs.text, outputsOf(type, declarations)]),
    "## Life",
    table(
      ["Operation", "What it does"],
      LIFE.flatMap(([tag, title]) => {
        const text = resource.docs.tags.get(tag);
        return text === undefined ? [] : [[title, inline(text)]];
      }),
    ),
    section("Errors", resource.docs.tags.get("errors")),
    section("API operations", resource.docs.tags.get("operations")),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/**
 * A page that lists the others.
 * @param {readonly Declaration[]} resources
 */
export function indexPage(resources) {
  const rows = resources.map(({ name, docs }) => [
    `[${code(name)}](${fileOf(name)})`,
    inline(firstSentence(docs.text)),
  ]);
  return [
    "# Reference",
    "Each resource has a page with its inputs, its outputs, an example, and what each operation does and leaves.",
    table(["Resource", "What it is"], rows),
    "All resources take Pulumi's own options as their last argument, such as `parent`, `dependsOn` and `protect`. " +
      "An input takes a value or an output of another resource. _Plain_ inputs take a value only.",
    "Each run also calls FetchAccount once, for the team and the role of the API key.",
    "[settings.md](../settings.md) has the settings of the provider. [glossary.md](../glossary.md) explains the words.",
  ].join("\n\n");
}

/**
 * `DeviceSet` has `device-set.md`.
 * @param {string} name
 */
export function fileOf(name) {
  return `${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.md`;
}

/**
 * @param {Declaration} type
 * @param {ReadonlyMap<string, Declaration>} declarations
 */
function inputsOf(type, declarations) {
  if (type.members.length > 0) return inputTable(type.members, declarations);
  const described = type.variants.some(({ members }) => members.some(({ docs }) => docs.text !== ""));
  return type.variants
    .map(({ type: written, members, docs }) =>
      described && members.length > 0
        ? `${docs.text}\n\n${inputTable(members, declarations)}\n`
        : `- ${linked(written, declarations)}${docs.text === "" ? "" : `: ${inline(docs.text)}`}\n`,
    )
    .join(described ? "\n" : "");
}

/**
 * @param {readonly Member[]} members
 * @param {ReadonlyMap<string, Declaration>} declarations
 */
function inputTable(members, declarations) {
  return table(
    ["Input", "Type", "Default", "Meaning"],
    members.map((member) => [
      code(member.name),
      typeCell(member, declarations) + (member.plain ? " (plain)" : ""),
      member.optional ? inline(member.docs.tags.get("defaultValue") ?? "none") : "**required**",
      textOf(member),
    ]),
  );
}

/**
 * @param {Declaration} type
 * @param {ReadonlyMap<string, Declaration>} declarations
 */
function outputsOf(type, declarations) {
  const rows = type.members.map((member) => [
    code(member.name),
    typeCell(member, declarations),
    textOf(member),
  ]);
  return table(["Output", "Type", "Meaning"], rows);
}

/**
 * The types that a declaration names, each once, and those that these name.
 * @param {Declaration} declaration
 * @param {ReadonlyMap<string, Declaration>} declarations
 * @returns {Declaration[]}
 */
function typesBelow(declaration, declarations) {
  /** @type {Set<Declaration>} */
  const found = new Set();
  /** @param {Declaration} of */
  const visit = (of) => {
    for (const text of [
      ...of.members.map(({ type }) => type),
      ...of.variants.flatMap(({ type, members }) =>
        members.length > 0 ? members.map((member) => member.type) : [type],
      ),
    ]) {
      for (const name of text.match(/\b[A-Z]\w+/g) ?? []) {
        const type = declarations.get(name);
        if (type === undefined || isResource(type) || isWords(type) || found.has(type)) continue;
        found.add(type);
        visit(type);
      }
    }
  };
  visit(declaration);
  return [...found];
}

/** @param {Declaration} type */
const isResource = ({ docs }) => docs.tags.has("delete");
/** @param {Declaration} type */
const isWords = ({ variants }) => variants.length > 0 && variants.every(({ type }) => type.startsWith('"'));

/**
 * @param {Member} member
 * @param {ReadonlyMap<string, Declaration>} declarations
 */
function typeCell({ type }, declarations) {
  return linked(type, declarations);
}

/**
 * A type with what it names: words are written out, other types are links.
 * @param {string} text
 * @param {ReadonlyMap<string, Declaration>} declarations
 */
function linked(text, declarations) {
  const written = text.replaceAll(/\b([A-Z]\w+)(\[\])?/g, (whole, /** @type {string} */ name, list = "") => {
    const type = declarations.get(name);
    if (type === undefined || !isWords(type)) return whole;
    const words = type.variants.map((variant) => variant.type).join(" | ");
    return list === "" ? words : `(${words})[]`;
  });
  const names = [...new Set(written.match(/\b[A-Z]\w+/g) ?? [])].flatMap(
    (name) => declarations.get(name) ?? [],
  );
  const [only] = names;
  if (only?.name === written) return link(only);
  const links = names.map(link);
  return links.length === 0 ? code(written) : `${code(written)}, see ${links.join(", ")}`;
}

/** @param {Declaration} type */
function link(type) {
  return `[${code(type.name)}](${isResource(type) ? fileOf(type.name) : `#${type.name.toLowerCase()}`})`;
}

/** @param {Member} member */
const textOf = (member) => inline(member.docs.text);

/**
 * @param {string} title
 * @param {string | undefined} text
 */
function section(title, text) {
  return text === undefined ? "" : `## ${title}\n\n${text}`;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** @param {string} text */
export const code = (text) => `\`${text}\``;
/** @param {string} text */
const inline = (text) => text.replaceAll(/\s+/g, " ").trim();
/** @param {string} text */
const firstSentence = (text) => /^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
