/** Devices that the file has otherwise than the account: what of it can be changed in the file, and what can't. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { formatPlace } from "../../provider/fleet/problems.js";
import { unionOfTags } from "../../provider/fleet/settings.js";
import { describe, differencesOf, differs, type Differences, type Spec } from "./differences.js";
import { changeEntry } from "./edit/entries.js";
import type { Splice } from "./edit/splices.js";
import { recordOf, textsOf, type Definition, type FleetFile, type Section } from "./fleetFile.js";
import type { Remark } from "./remarks.js";
import { changeOfDevice } from "./singleDevices.js";
import { changeOfGroup } from "./wholeGroups.js";
import { named, together } from "./words.js";

/** Changes of a file. */
export interface Changes {
  readonly splices: readonly Splice[];
  /** In words. */
  readonly changes: readonly string[];
  readonly remarks: readonly Remark[];
  /** Devices whose entries or groups change. */
  readonly touched: ReadonlySet<string>;
  /** Devices of which a difference stays. */
  readonly open: ReadonlySet<string>;
  /** Groups of the section `groups`, as they will be. */
  readonly groups: ReadonlyMap<string, Definition>;
}

/** What stays different, and what a person can do about it. */
interface Stuck {
  readonly deviceId: string;
  readonly place: string;
  readonly differences: Differences;
  readonly remedy: string;
}

/** The changes that bring what a file says of its devices up to date with what was found in the account. */
export function changesOfDevices(file: FleetFile, found: ReadonlyMap<string, CloudDevice>): Changes {
  const work = new Work(file, found);
  for (const section of ["groups", "jitp"] as const) {
    const specs = file.specs(section);
    for (const [name, definition] of file.groups(section)) {
      work.group(
        section,
        name,
        definition,
        specs.filter(({ group }) => group === name),
      );
    }
  }
  return work.done();
}

class Work {
  private readonly splices: Splice[] = [];
  private readonly changes: string[] = [];
  private readonly stuck: Stuck[] = [];
  private readonly touched = new Set<string>();
  private readonly groups = new Map<string, Definition>();
  private readonly retyped: string[] = [];

  constructor(
    private readonly file: FleetFile,
    private readonly found: ReadonlyMap<string, CloudDevice>,
  ) {}

  group(section: Section, name: string, written: Definition, specs: readonly Spec[]): void {
    const { definition, after } = this.asWhole(section, name, written, specs);
    if (section === "groups") this.groups.set(name, definition);
    for (const spec of after) {
      const device = this.found.get(spec.deviceId);
      const differences = device === undefined ? {} : differencesOf(spec, device);
      if (differs(differences)) this.device(section, name, definition, spec, differences);
    }
  }

  done(): Changes {
    const { splices, changes, touched, groups, stuck } = this;
    const open = new Set(stuck.map(({ deviceId }) => deviceId));
    return {
      splices,
      changes,
      touched,
      groups,
      open,
      remarks: [...this.retypedRemark(), ...stuckRemarks(stuck)],
    };
  }

  /** Changes a group as a whole, if all its devices are known and differ alike. */
  private asWhole(section: Section, name: string, written: Definition, specs: readonly Spec[]) {
    const unchanged = { definition: written, after: specs };
    const members = specs.flatMap((spec) => {
      const found = this.found.get(spec.deviceId);
      return found === undefined ? [] : [{ spec, found }];
    });
    const isWhole = members.length > 0 && members.length === specs.length;
    if (!isWhole || !members.every(({ spec, found }) => differs(differencesOf(spec, found))))
      return unchanged;
    const imagine = (definition: Definition) => this.file.imagine(section, name, definition);
    const change = changeOfGroup(written, members, imagine);
    const splices = change && changeEntry(this.file.source, [section, name], change.change);
    if (change === undefined || splices === undefined) return unchanged;

    const byId = new Map(imagine(change.definition)?.map((spec) => [spec.deviceId, spec]));
    const after = specs.map((spec) => ({ ...(byId.get(spec.deviceId) ?? spec), source: spec.source }));
    this.splices.push(...splices);
    for (const { deviceId } of specs) this.touched.add(deviceId);
    const { set, tags } = change.change;
    const settings = [
      ...[...set].map(([key, value]) => `${key} is now ${JSON.stringify(value)}`),
      ...(tags ? [describe({ tags })] : []),
    ];
    this.changes.push(`${section}.${name}: ${settings.join("; ")}`);
    if (set.has("subType")) this.retyped.push(...specs.map(({ deviceId }) => deviceId));
    return { definition: change.definition, after };
  }

  /** Changes the entry of a listed device. */
  private device(
    section: Section,
    name: string,
    group: Definition,
    spec: Spec,
    differences: Differences,
  ): void {
    const { deviceId } = spec;
    const place = formatPlace(spec.source);
    const stick = (left: Differences, remedy: string) =>
      this.stuck.push({ deviceId, place, differences: left, remedy });
    const index = /\.devices\[(\d+)\]$/.exec(spec.source.path)?.[1];
    if (index === undefined) {
      stick(differences, "csv" in group ? "change its row in the CSV file" : ofPattern);
      return;
    }
    const listed: unknown = Array.isArray(group.devices) ? group.devices[Number(index)] : undefined;
    const inherited = unionOfTags(this.file.defaults.tags, textsOf(group.tags));
    const { change, isEmpty, left, problems } = changeOfDevice(
      deviceId,
      differences,
      textsOf(recordOf(listed).tags),
      inherited,
    );
    if (problems.length > 0) stick(left, problems.join("; "));
    if (isEmpty) return;
    const splices = changeEntry(this.file.source, [section, name, "devices", Number(index)], change);
    if (splices === undefined) {
      stick(
        differences,
        "it is written by an anchor and alias, so that a change would be one of other devices too; write it out",
      );
      return;
    }
    this.splices.push(...splices);
    this.touched.add(deviceId);
    if (change.set.has("subType")) this.retyped.push(deviceId);
    this.changes.push(`${place} ${deviceId}: ${describe(differences)}`);
  }

  private retypedRemark(): Remark[] {
    if (this.retyped.length === 0) return [];
    return [
      {
        kind: "note",
        text:
          `The sub-type of ${named(this.retyped)} changed. Run \`pulumi refresh\` before the next \`pulumi up\`. As long as the state has the ` +
          "old sub-type, an update replaces the device.",
      },
    ];
  }
}

const ofPattern =
  "it is one of a pattern, which says the same of all its devices. Take it out of the pattern, and list it under devices in another group";

function stuckRemarks(stuck: readonly Stuck[]): Remark[] {
  const words = ({ place, differences, remedy }: Stuck) => `${place}\n${describe(differences)}\n${remedy}`;
  return [...together(stuck, words).values()].flatMap((those): Remark[] => {
    const [first] = those;
    if (first === undefined) return [];
    const ids = named(those.map(({ deviceId }) => deviceId));
    const text = `${first.place} ${ids}: ${describe(first.differences)} in the account, which could not be written: ${first.remedy}.`;
    return [{ kind: "open", text }];
  });
}
