import path from "node:path";
import { isRecord } from "../../provider/fleet/data.js";
import { examine } from "../../provider/fleet/examine.js";
import type { Fleet } from "../../provider/fleet/fleet.js";
import type { DeviceSpec, JitpSpec } from "../../provider/fleet/deviceSpec.js";
import { loadFleet } from "../../provider/fleet/load.js";
import { FleetFileError, programOrigin, Report } from "../../provider/fleet/problems.js";
import { readSettings, type Settings } from "../../provider/fleet/resolve/settings.js";
import type { FleetIo } from "../../provider/fleet/sources/io.js";
import { heading } from "../../provider/fleet/shape/validate.js";
import { Source } from "./edit/source.js";

/** The sections whose devices have settings that can differ from the account. */
export type Section = "groups" | "jitp";

/** A map of a fleet file, as plain data. */
export type Definition = Readonly<Record<string, unknown>>;

/** The highest number of aliases, as in the loader. */
const MOST_ALIASES = 1000;

/** A valid fleet file: its text, its plain data, and the fleet that it declares. */
export class FleetFile {
  readonly source: Source;
  readonly fleet: Fleet;
  readonly definition: Definition;
  /** The section `defaults`, for all groups. */
  readonly defaults: Settings;

  /** @throws FleetFileError naming everything wrong with the file */
  constructor(
    readonly file: string,
    readonly text: string,
    private readonly io: FleetIo,
  ) {
    this.fleet = loadFleet(file, {
      ...io,
      readBytes: (name, maxBytes) => (name === file ? Buffer.from(text) : io.readBytes(name, maxBytes)),
    });
    this.source = new Source(text);
    this.definition = recordOf(this.source.document.toJS({ maxAliasCount: MOST_ALIASES }));
    this.defaults = readSettings(this.definition.defaults, ["defaults"], new Report(programOrigin));
  }

  /** The groups of a section, as plain data. */
  groups(section: Section): ReadonlyMap<string, Definition> {
    return new Map(
      Object.entries(recordOf(this.definition[section])).map(([name, group]) => [name, recordOf(group)]),
    );
  }

  /** The devices that a section declares. */
  specs(section: Section): readonly (DeviceSpec | JitpSpec)[] {
    return section === "groups" ? this.fleet.devices : this.fleet.jitp;
  }

  /** The ids of all devices in all sections. */
  knownIds(): ReadonlySet<string> {
    const { devices, jitp, claims } = this.fleet;
    return new Set([
      ...[...devices, ...jitp].map(({ deviceId }) => deviceId),
      ...claims.map(({ uuid }) => uuid),
    ]);
  }

  /** The devices that a group would declare with this definition. `undefined` if the loader would refuse it. */
  resolveGroup(
    section: Section,
    name: string,
    group: Definition,
  ): readonly (DeviceSpec | JitpSpec)[] | undefined {
    const { ca, defaults } = this.definition;
    const fleet = {
      ...heading,
      ...(ca !== undefined && { ca }),
      ...(defaults !== undefined && { defaults }),
      [section]: { [name]: group },
    };
    try {
      const { devices, jitp } = examine(fleet, programOrigin, path.dirname(this.file), this.io);
      return section === "groups" ? devices : jitp;
    } catch (error) {
      if (error instanceof FleetFileError) return undefined;
      throw error;
    }
  }
}

/** The value if it is a map, else an empty map. */
export function recordOf(value: unknown): Definition {
  return isRecord(value) ? value : {};
}

/** The strings of a list. */
export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).filter((item) => typeof item === "string");
}
