/** Fleet files in all the ways in which people write them. */
import fc from "fast-check";
import { Document, isCollection, isScalar, visit } from "yaml";
import type { CloudDevice } from "../../../provider/cloud/answers.js";
import type { Fleet } from "../../../provider/fleet/fleet.js";
import { device } from "./accounts.js";

const tag = fc.constantFrom("lab", "acme", "lot-7", "#1", "123");
const tags = fc.uniqueArray(tag, { maxLength: 3 });
const subType = fc.constantFrom("tracker", "unknown", "a,b");
const name = fc.constantFrom("Sensor {id}", "{id}", "Unit: {group}", "It's {id}");

const settings = fc.record({ subType, tags, name, adopt: fc.boolean() }, { requiredKeys: [] });

/** A group's definition; `prefix` keeps the ids of groups apart. */
function group(prefix: string): fc.Arbitrary<object> {
  const id = fc.nat(9).map((n) => `${prefix}-${n}`);
  const entry = fc.oneof(
    id,
    fc.record(
      { id, name: fc.constantFrom("Own", "Own # {id}"), tags, subType, adopt: fc.constant(true) },
      { requiredKeys: ["id"] },
    ),
  );
  const idOf = (each: string | { readonly id: string }) => (typeof each === "string" ? each : each.id);
  const members = fc.oneof(
    fc.constantFrom(
      { ids: `${prefix}-{0..3}` },
      { ids: [`${prefix}-{00..05}`, `${prefix}-x`] },
      { csv: `${prefix}.csv` },
    ),
    fc.uniqueArray(entry, { selector: idOf, minLength: 1, maxLength: 5 }).map((devices) => ({ devices })),
  );
  return fc
    .tuple(members, settings, fc.boolean())
    .map(([who, what, first]) => (first ? { ...what, ...who } : { ...who, ...what }));
}

/** How a text is laid out. */
interface Style {
  readonly flow: readonly boolean[];
  readonly comments: readonly number[];
  readonly quotes: readonly boolean[];
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly lineBreak: string;
}

const style: fc.Arbitrary<Style> = fc.record({
  flow: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  comments: fc.array(fc.nat(5), { minLength: 7, maxLength: 7 }),
  quotes: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  lineBreak: fc.constantFrom("\n", "\r\n"),
});

/** CSV files of the groups that may name one. */
export const csvFiles = Object.fromEntries(
  ["a", "b", "c"].map((prefix) => [
    `${prefix}.csv`,
    `id,tags,name\n${prefix}-0,lab,\n${prefix}-1,,Own\n${prefix}-2,,\n`,
  ]),
);

/** The text of a fleet file, with comments that say `c1`, `c2` and so on, on lines of their own. */
export const anyFile: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(settings, { nil: undefined }),
    fc
      .subarray(["a", "b", "c"], { minLength: 1 })
      .chain((prefixes) =>
        fc.tuple(
          ...prefixes.map((prefix) =>
            group(prefix).map((each): [string, object] => [`group-${prefix}`, each]),
          ),
        ),
      ),
    style,
  )
  .map(([defaults, groups, layout]) =>
    written(
      {
        apiVersion: "nrfcloud.dev/v1",
        kind: "Fleet",
        ca: { subject: { commonName: "CA" } },
        ...(defaults && { defaults }),
        groups: Object.fromEntries(groups),
        certificates: { validityDays: 30 },
      },
      layout,
    ),
  );

function written(
  definition: object,
  { flow, comments, quotes, indent, indentSeq, lineBreak }: Style,
): string {
  const document = new Document(definition);
  let at = 0;
  visit(document, {
    Node(key, node, path) {
      at++;
      const inFlow = path.some((parent) => isCollection(parent) && parent.flow === true);
      if (isCollection(node) && path.length > 2 && flow[at % flow.length]) node.flow = true;
      if (isScalar(node) && typeof node.value === "string" && quotes[at % quotes.length])
        node.type = "QUOTE_SINGLE";
      const kind = comments[at % comments.length];
      if (inFlow || path.length < 3) return;
      if (kind === 1 && key !== "value") node.commentBefore = ` c${at}`;
      if (kind === 2 && isScalar(node) && key !== "key") node.comment = ` beside`;
      if (kind === 3 && key !== "value") node.spaceBefore = true;
    },
  });
  return document
    .toString({ indent, indentSeq, lineWidth: 0, flowCollectionPadding: indentSeq })
    .replaceAll("\n", lineBreak);
}

/** The account of a fleet, with every device as it is declared. */
export function accountOf({ devices }: Fleet): CloudDevice[] {
  return devices.map(({ deviceId, name: itsName, subType: its, tags: itsTags }) =>
    device(deviceId, { name: itsName ?? deviceId, subType: its ?? "unknown", tags: itsTags }),
  );
}

/** What became of devices behind the fleet's back; the same for many, so that whole groups change alike now and then. */
export const anyDrift: fc.Arbitrary<(device: CloudDevice, index: number) => CloudDevice[]> = fc
  .tuple(
    fc.array(
      fc.record(
        {
          addTag: tag,
          dropTag: tag,
          name: fc.constantFrom("New", "New {id}", "Unit: ID", "ID", "{"),
          subType,
          gone: fc.constant(true),
        },
        { requiredKeys: [] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }),
  )
  .map(([kinds, order]) => (found, index) => {
    const drift = kinds[(order[index % order.length] ?? 0) % kinds.length] ?? {};
    if (drift.gone === true && index % 5 === 0) return [];
    const kept = (found.tags ?? []).filter((each) => each !== drift.dropTag);
    return [
      {
        ...found,
        tags: [...new Set([...kept, ...(drift.addTag === undefined ? [] : [drift.addTag])])],
        ...(drift.name !== undefined && { name: drift.name.replace("ID", found.id) }),
        ...(drift.subType !== undefined && { subType: drift.subType }),
      },
    ];
  });
