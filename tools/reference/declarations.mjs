// What the sources declare for users: classes, interfaces and types, with their docstrings. Read by TypeScript's parser alone.

import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * @typedef {object} Docs
 * @property {string} text  Without its tags.
 * @property {ReadonlyMap<string, string>} tags  Texts by the name of the tag, such as `update`.
 *
 * @typedef {object} Member
 * @property {string} name
 * @property {string} type  As it is written, without what Pulumi puts around it.
 * @property {boolean} optional
 * @property {boolean} plain  Whether it takes no output of another resource.
 * @property {Docs} docs
 *
 * @typedef {object} Declaration
 * @property {string} name
 * @property {Docs} docs
 * @property {readonly Member[]} members
 * @property {readonly { type: string, members: readonly Member[], docs: Docs }[]} variants  Of a type that is one of several.
 */

/**
 * All declarations of some files, by name.
 * @param {readonly string[]} files
 * @returns {ReadonlyMap<string, Declaration>}
 */
export function declarationsOf(files) {
  const statements = files.flatMap((file) => [
    ...ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true).statements,
  ]);
  return new Map(
    statements.flatMap((statement) => {
      const found = declarationOf(statement, statements);
      return found === undefined ? [] : [/** @type {const} */ ([found.name, found])];
    }),
  );
}

/**
 * @param {ts.Statement} statement
 * @param {readonly ts.Statement[]} all  Where it may inherit from.
 * @returns {Declaration | undefined}
 */
function declarationOf(statement, all) {
  if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
    return {
      name: statement.name.text,
      docs: docsOf(statement),
      members: outputsOf(statement),
      variants: [],
    };
  }
  if (ts.isInterfaceDeclaration(statement)) {
    const inherited = (statement.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap((type) => inheritedMembers(statement.getSourceFile(), type.expression.getText(), all)),
    );
    const members = [...membersOf(statement.members), ...inherited];
    return { name: statement.name.text, docs: docsOf(statement), members, variants: [] };
  }
  if (ts.isTypeAliasDeclaration(statement)) {
    return {
      name: statement.name.text,
      docs: docsOf(statement),
      members: [],
      variants: variantsOf(statement.type),
    };
  }
  return undefined;
}

/**
 * Members of an interface, of the same file where there is one of that name.
 * @param {ts.SourceFile} source
 * @param {string} name
 * @param {readonly ts.Statement[]} all
 */
function inheritedMembers(source, name, all) {
  const found = all.filter(ts.isInterfaceDeclaration).filter((each) => each.name.text === name);
  const meant = found.find((each) => each.getSourceFile() === source) ?? found[0];
  return meant === undefined ? [] : membersOf(meant.members);
}

/**
 * Properties of a class that are for its users.
 * @param {ts.ClassDeclaration} declaration
 */
function outputsOf(declaration) {
  return declaration.members.flatMap((member) => {
    const isHidden =
      ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
    if (isHidden || member.name === undefined) return [];
    if (ts.isPropertyDeclaration(member))
      return [memberOf(member, member.name.getText(), member.type, false)];
    if (!ts.isMethodDeclaration(member)) return [];
    const parameters = member.parameters.map((parameter) => parameter.getText()).join(", ");
    return [memberOf(member, `${member.name.getText()}(${parameters})`, member.type, false)];
  });
}

/** @param {ts.NodeArray<ts.TypeElement>} members */
function membersOf(members) {
  return members.flatMap((member) =>
    ts.isPropertySignature(member)
      ? [memberOf(member, member.name.getText(), member.type, member.questionToken !== undefined)]
      : [],
  );
}

/**
 * @param {ts.Node} node
 * @param {string} name
 * @param {ts.TypeNode | undefined} type
 * @param {boolean} optional
 * @returns {Member}
 */
function memberOf(node, name, type, optional) {
  const written = type?.getText() ?? "";
  return {
    name,
    type: typeText(written),
    optional,
    plain: /^(?:boolean|number|string|"\w+"|[ |])+$/.test(written),
    docs: docsOf(node),
  };
}

/** @param {ts.TypeNode} type */
function variantsOf(type) {
  if (ts.isIndexedAccessTypeNode(type))
    return wordsOf(type).map((word) => ({ type: word, members: [], docs: NO_DOCS }));
  if (!ts.isUnionTypeNode(type)) return [variantOf(type, type.getFullStart())];
  return type.types.map((member, index) =>
    variantOf(member, type.types[index - 1]?.end ?? type.getFullStart()),
  );
}

/**
 * @param {ts.TypeNode} type
 * @param {number} from  Where its docstring may begin: before its bar.
 */
function variantOf(type, from) {
  const members = ts.isTypeLiteralNode(type) ? membersOf(type.members) : [];
  return { type: typeText(type.getText()), members, docs: { ...NO_DOCS, text: commentAt(type, from) } };
}

/** @type {Docs} */
const NO_DOCS = { text: "", tags: new Map() };

/**
 * The words of a list of which a type is one: `(typeof words)[number]`.
 * @param {ts.IndexedAccessTypeNode} type
 */
function wordsOf(type) {
  const [, list = ""] = /typeof (\w+)/.exec(type.objectType.getText()) ?? [];
  const written = new RegExp(`const ${list} = \\[([^\\]]*)\\]`).exec(type.getSourceFile().text);
  return (written?.[1] ?? "").match(/"[^"]+"/g) ?? [];
}

/**
 * A type as users think of it: neither inputs nor outputs of Pulumi, nor that it can't be changed.
 * @param {string} written
 */
function typeText(written) {
  const text = written
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\/\*\*.*?\*\/ ?/g, "")
    .replaceAll("readonly ", "")
    .replaceAll("; }", " }");
  return unwrapped(text)
    .replace(/^ *\| /, "")
    .trim()
    .replaceAll(" | undefined", "")
    .replaceAll("Readonly<Record<string, never>>", "{}")
    .replaceAll(/Readonly<Record<string, ([^>]*)>>/g, "{ [id: string]: $1 }");
}

/**
 * Without `Input<…>`, `Output<…>` and `Unwrap<…>`, from the outside in.
 * @param {string} text
 * @returns {string}
 */
function unwrapped(text) {
  const [start] = /pulumi\.(?:Input|Output|Unwrap)</.exec(text) ?? [];
  if (start === undefined) return text;
  const begin = text.indexOf(start);
  const inner = begin + start.length;
  const end = closing(text, inner);
  return unwrapped(text.slice(0, begin) + text.slice(inner, end) + text.slice(end + 1));
}

/**
 * Where the bracket closes that stands before a place of a text.
 * @param {string} text
 * @param {number} from
 * @returns {number}
 */
function closing(text, from) {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "<") depth++;
    if (text[at] === ">" && --depth === 0) return at;
  }
  return text.length;
}

/**
 * @param {ts.Node} node
 * @returns {Docs}
 */
function docsOf(node) {
  const doc = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (doc === undefined) return NO_DOCS;
  const tags = (doc.tags ?? []).map(
    (tag) => /** @type {const} */ ([tag.tagName.text, commentText(tag.comment)]),
  );
  return { text: commentText(doc.comment), tags: new Map(tags) };
}

/**
 * A docstring where the parser attaches none.
 * @param {ts.Node} node
 * @param {number} from
 */
function commentAt(node, from) {
  const { text } = node.getSourceFile();
  const range = ts.getLeadingCommentRanges(text, from)?.at(-1);
  const comment = range === undefined ? "" : text.slice(range.pos, range.end);
  return comment.startsWith("/**")
    ? comment
        .slice(3, -2)
        .replaceAll(/\n\s*\*/g, "\n")
        .trim()
    : "";
}

/** @param {string | ts.NodeArray<ts.JSDocComment> | undefined} comment */
function commentText(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? "").trim();
}
