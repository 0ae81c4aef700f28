import { util } from "node-forge";
import * as der from "./der.js";
import { PkiError } from "./errors.js";

/** An X.509 distinguished name. Attributes that are left out are not written. */
export interface Subject {
  /** ISO 3166 code, two letters. */
  readonly country?: string;
  /** Up to 128 characters. */
  readonly state?: string;
  /** Up to 128 characters. */
  readonly locality?: string;
  /** Up to 64 characters. */
  readonly organization?: string;
  /** Up to 64 characters. */
  readonly organizationalUnit?: string;
  /** Up to 64 characters. */
  readonly commonName?: string;
  /** Up to 255 ASCII characters. */
  readonly emailAddress?: string;
}

/** A problem of one attribute. Problem and remedy are sentences. */
export interface SubjectProblem {
  readonly attribute: keyof Subject;
  readonly problem: string;
  readonly remedy: string;
}

interface Attribute {
  readonly name: keyof Subject;
  readonly oid: string;
  /** X.520 upper bound in characters. */
  readonly maxLength: number;
  readonly tag: number;
}

/** In the order of Nordic's own tool. */
const attributes: readonly Attribute[] = [
  { name: "country", oid: "2.5.4.6", maxLength: 2, tag: der.tags.printableString },
  { name: "state", oid: "2.5.4.8", maxLength: 128, tag: der.tags.utf8String },
  { name: "locality", oid: "2.5.4.7", maxLength: 128, tag: der.tags.utf8String },
  { name: "organization", oid: "2.5.4.10", maxLength: 64, tag: der.tags.utf8String },
  { name: "organizationalUnit", oid: "2.5.4.11", maxLength: 64, tag: der.tags.utf8String },
  { name: "commonName", oid: "2.5.4.3", maxLength: 64, tag: der.tags.utf8String },
  { name: "emailAddress", oid: "1.2.840.113549.1.9.1", maxLength: 255, tag: der.tags.ia5String },
];

/** All problems of a subject. An empty subject is not a problem here. */
export function subjectProblems(subject: Subject): SubjectProblem[] {
  return attributes.flatMap((attribute) => {
    const value = subject[attribute.name];
    const problem = value === undefined ? undefined : attributeProblem(attribute, value);
    return problem ? [{ attribute: attribute.name, ...problem }] : [];
  });
}

/**
 * @internal The subject as an X.501 Name.
 * @throws PkiError invalid-subject, with the first of `subjectProblems`
 */
export function subjectToName(subject: Subject): der.Node {
  const [first] = subjectProblems(subject);
  if (first) throw new PkiError("invalid-subject", first.problem, first.remedy);
  return der.sequence(
    ...attributes.flatMap(({ name, oid, tag }) => {
      const value = subject[name];
      return value === undefined
        ? []
        : [der.set(der.sequence(der.oid(oid), der.primitive(tag, util.encodeUtf8(value))))];
    }),
  );
}

/**
 * @internal The attributes of an X.501 Name that a `Subject` has; others are left out. Of one that is repeated, the
 * last (most specific) counts.
 */
export function subjectFromName(name: der.Node): Subject {
  const subject: { -readonly [key in keyof Subject]: string } = {};
  for (const relativeName of der.children(name)) {
    for (const pair of der.children(relativeName, der.tags.set)) {
      const [type, value] = der.children(pair);
      const id = der.readOid(type);
      const attribute = attributes.find((known) => known.oid === id);
      if (attribute) subject[attribute.name] = readString(value);
    }
  }
  return subject;
}

function attributeProblem(
  { name, maxLength }: Attribute,
  value: string,
): Omit<SubjectProblem, "attribute"> | undefined {
  if (value.trim() === "") {
    return { problem: `The subject's ${name} is empty.`, remedy: "Leave it out or give it a value." };
  }
  if (name === "country") {
    return /^[A-Za-z]{2}$/.test(value)
      ? undefined
      : {
          problem: `The subject's country ${quote(value)} is not a two-letter code.`,
          remedy: 'Use an ISO 3166 code such as "NO".',
        };
  }
  const length = Array.from(value).length;
  if (length > maxLength) {
    return {
      problem: `The subject's ${name} has ${length} characters, over the X.520 limit of ${maxLength}.`,
      remedy: "Shorten it.",
    };
  }
  if (/[\p{Control}\p{Surrogate}]/u.test(value)) {
    return {
      problem: `The subject's ${name} has control characters (such as a line break) or broken Unicode.`,
      remedy: "Remove them.",
    };
  }
  if (name === "emailAddress" && !/^[!-~]+@[!-~]+$/.test(value)) {
    return {
      problem: `The subject's emailAddress ${quote(value)} is not an address of ASCII characters.`,
      remedy: 'Use the form "name@example.com".',
    };
  }
  return undefined;
}

function readString(node: der.Node | undefined): string {
  switch (der.tagOf(node)) {
    case der.tags.utf8String:
      return der.content(node, der.tags.utf8String).toString("utf8");
    case der.tags.universalString:
      return readUtf32(der.content(node, der.tags.universalString));
    case der.tags.printableString:
    case der.tags.ia5String:
    case der.tags.teletexString:
    case der.tags.bmpString:
      // One character for each byte. forge has decoded a BMPString already.
      return typeof node?.value === "string" ? node.value : "";
    case undefined:
    default:
      throw new der.DerError("an attribute that is not a string");
  }
}

function readUtf32(bytes: Buffer): string {
  let text = "";
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    const codePoint = bytes.readUInt32BE(i);
    if (codePoint > 0x10ffff) throw new der.DerError("not Unicode");
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}
