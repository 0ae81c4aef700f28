/** The devices of a fleet while it is resolved: finds ids and credentials that are declared twice, and limits their number. */
import type { Place } from "../place.js";
import { formatPlace, type Report } from "../problems.js";
import { quote } from "../rules.js";

/** Ten times what the largest users have. Pulumi's state becomes too slow beyond it. */
export const maxDevices = 100_000;

interface Overlap {
  readonly first: Place;
  readonly again: Place;
  readonly ids: string[];
}

interface Holder {
  readonly deviceId: string;
  readonly source: Place;
}

export class DeclaredDevices {
  readonly #sources = new Map<string, Place>();
  readonly #overlaps = new Map<string, Overlap>();
  readonly #holders = new Map<string, Holder>();
  #expected = 0;

  constructor(readonly report: Report) {}

  /** Counts devices before they are generated; false (and reported) if the fleet would become too large. */
  reserve(count: number, place: Place): boolean {
    if (this.#expected + count <= maxDevices) {
      this.#expected += count;
      return true;
    }
    this.report.add(place, {
      message: `with these ${count.toLocaleString("en")} devices the fleet would exceed ${maxDevices.toLocaleString("en")}`,
      fix: "narrow the ranges, or split the fleet over several stacks",
    });
    return false;
  }

  /** False if the id is declared already, which `reportOverlaps` reports. */
  register(deviceId: string, source: Place): boolean {
    const first = this.#sources.get(deviceId);
    if (first === undefined) {
      this.#sources.set(deviceId, source);
      return true;
    }
    // Two overlapping patterns are one problem, whatever the number of ids that they share.
    const key = `${formatPlace(first)} ${first.path} ${formatPlace(source)} ${source.path}`;
    const overlap = this.#overlaps.get(key);
    if (overlap) overlap.ids.push(deviceId);
    else this.#overlaps.set(key, { first, again: source, ids: [deviceId] });
    return false;
  }

  /** Reports a credential that another device has too. */
  registerCredential(pem: string, deviceId: string, source: Place): void {
    const holder = this.#holders.get(pem);
    if (holder === undefined) {
      this.#holders.set(pem, { deviceId, source });
    } else if (holder.deviceId !== deviceId) {
      this.report.add(source, {
        message: `${quote(deviceId)} has the same credential as ${quote(holder.deviceId)} (${formatPlace(holder.source)})`,
        fix: "give each device its own",
      });
    }
  }

  /** Reports the ids that were registered more than once. */
  reportOverlaps(): void {
    for (const { first, again, ids } of this.#overlaps.values()) {
      const shown = ids.slice(0, 3).map(quote).join(", ");
      const where = formatPlace(first) === formatPlace(again) && first.path === again.path;
      const subject = ids.length === 1 ? `the device ${shown} is` : `${ids.length} devices are`;
      const named = ids.length === 1 ? "" : ` (${shown}${ids.length > 3 ? ", …" : ""})`;
      this.report.add(again, {
        message: `${subject} declared twice${named}: ${where ? "by this pattern itself" : `first at ${formatPlace(first)} (${first.path})`}`,
        fix: "keep each device in one place",
      });
    }
  }
}
