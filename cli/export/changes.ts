/** Devices that differ between the file and the account: changes of the file, and the differences that need a person. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { formatPlace } from "../../provider/fleet/problems.js";
import { unionOfTags } from "../../provider/fleet/resolve/settings.js";
import { describe, differencesOf, differs, type Differences, type Spec } from "./differences.js";
import { changeEntry } from "./edit/entries.js";
import type { Splice } from "./edit/splices.js";
import { recordOf, textsOf, type Definition, type FleetFile, type Section } from "./fleetFile.js";
import type { Remark } from "./remarks.js";
import { changeOfDevice } from "./singleDevices.js";
import { changeOfGroup } from "./wholeGroups.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { idList } from "./words.js";

export interface Changes {
  readonly splices: readonly Splice[];
  /** As text for people. */
  readonly changes: readonly string[];
  readonly remarks: readonly Remark[];
  /** Devices whose entries or groups change. */
  readonly touched: ReadonlySet<string>;
  /** Devices that keep a difference. */
  readonly open: ReadonlySet<string>;
  /** Groups of the section `groups`, after the changes. */
  readonly groups: ReadonlyMap<string, Definition>;
}

/** A difference that the command can't write, and what a person can do about it. */
interface Unresolved {
  readonly deviceId: string;
  readonly place: string;
  readonly differences: Differences;
  readonly remedy: string;
}

/** The changes that update the devices of a file from the account. */
export function changesOfDevices(file: FleetFile, found: ReadonlyMap<string, CloudDevice>): Changes {
  const collector = new ChangeCollector(file, found);
  for (const section of ["groups", "jitp"] as const) {
    const specs = file.specs(section);
    for (const [name, definition] of file.groups(section)) {
      collector.addGroup(
        section,
        name,
        definition,
        specs.filter(({ group }) => group === name),
      );
    }
  }
  return collector.result();
}

class ChangeCollector {
  private readonly splices: Splice[] = [];
  private readonly changes: string[] = [];
  private readonly unresolved: Unresolved[] = [];
  private readonly touched = new Set<string>();
  private readonly groups = new Map<string, Definition>();
  private readonly retyped: string[] = [];

  constructor(
    private readonly file: FleetFile,
    private readonly found: ReadonlyMap<string, CloudDevice>,
  ) {}

  addGroup(section: Section, name: string, written: Definition, specs: readonly Spec[]): void {
    const { definition, after } = this.changeWholeGroup(section, name, written, specs);
    if (section === "groups") this.groups.set(name, definition);
    for (const spec of after) {
      const device = this.found.get(spec.deviceId);
      const differences = device === undefined ? {} : differencesOf(spec, device);
      if (differs(differences)) this.changeListedDevice(section, name, definition, spec, differences);
    }
  }

  result(): Changes {
    const { splices, changes, touched, groups, unresolved } = this;
    const open = new Set(unresolved.map(({ deviceId }) => deviceId));
    return {
      splices,
      changes,
      touched,
      groups,
      open,
      remarks: [...this.retypedRemark(), ...unresolvedRemarks(unresolved)],
    };
  }

  /** Changes the settings of a group, if the account has all its devices and all differ in the same way. */
  private changeWholeGroup(section: Section, name: string, written: Definition, specs: readonly Spec[]) {
    const unchanged = { definition: written, after: specs };
    const members = specs.flatMap((spec) => {
      const found = this.found.get(spec.deviceId);
      return found === undefined ? [] : [{ spec, found }];
    });
    const isWhole = members.length > 0 && members.length === specs.length;
    if (!isWhole || !members.every(({ spec, found }) => differs(differencesOf(spec, found))))
      return unchanged;
    const resolveGroup = (definition: Definition) => this.file.resolveGroup(section, name, definition);
    const change = changeOfGroup(written, members, resolveGroup);
    const splices = change && changeEntry(this.file.source, [section, name], change.change);
    if (change === undefined || splices === undefined) return unchanged;

    const byId = new Map(resolveGroup(change.definition)?.map((spec) => [spec.deviceId, spec]));
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

  private changeListedDevice(
    section: Section,
    name: string,
    group: Definition,
    spec: Spec,
    differences: Differences,
  ): void {
    const { deviceId } = spec;
    const place = formatPlace(spec.source);
    const leaveUnresolved = (remaining: Differences, remedy: string) =>
      this.unresolved.push({ deviceId, place, differences: remaining, remedy });
    const index = /\.devices\[(\d+)\]$/.exec(spec.source.path)?.[1];
    if (index === undefined) {
      leaveUnresolved(differences, "csv" in group ? "change its row in the CSV file" : patternRemedy);
      return;
    }
    const listed: unknown = Array.isArray(group.devices) ? group.devices[Number(index)] : undefined;
    const inherited = unionOfTags(this.file.defaults.tags, textsOf(group.tags));
    const { change, isEmpty, remaining, problems } = changeOfDevice(
      deviceId,
      differences,
      textsOf(recordOf(listed).tags),
      inherited,
    );
    if (problems.length > 0) leaveUnresolved(remaining, problems.join("; "));
    if (isEmpty) return;
    const splices = changeEntry(this.file.source, [section, name, "devices", Number(index)], change);
    if (splices === undefined) {
      leaveUnresolved(
        differences,
        "a YAML alias repeats its entry, so a change would apply to other devices too. Write the entry out",
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
          `The sub-type of ${idList(this.retyped)} changed. Run \`pulumi refresh\` before the next \`pulumi up\`. As long as the state has the ` +
          "old sub-type, an update replaces the device.",
      },
    ];
  }
}

const patternRemedy =
  "a pattern declares it, with the same settings for all its devices. Remove it from the pattern, and list it under devices in another group";

function unresolvedRemarks(unresolved: readonly Unresolved[]): Remark[] {
  const keyOf = ({ place, differences, remedy }: Unresolved) =>
    `${place}\n${describe(differences)}\n${remedy}`;
  return [...groupBy(unresolved, keyOf).values()].flatMap((alike): Remark[] => {
    const [first] = alike;
    if (first === undefined) return [];
    const ids = idList(alike.map(({ deviceId }) => deviceId));
    const text = `${first.place} ${ids}: ${describe(first.differences)} in the account. The command can't write this: ${first.remedy}.`;
    return [{ kind: "open", text }];
  });
}
