import type { DeviceStore } from "../cloud.js";
import { invalid } from "../errors.js";
import { pageRequest, takePage } from "../http/page.js";
import type { Query } from "../http/query.js";
import type { Reading } from "../http/reading.js";
import type { Device } from "../store/device.js";
import type { Caller } from "../teams.js";
import { sees } from "./access.js";
import { firmwareTypes, firmwareTypeRule } from "./rules.js";
import { deviceType, deviceView, type StateDetail } from "./view.js";

/** The query parameters of ListDevices that are served. */
export const listParameters = [
  "includeState",
  "includeStateMeta",
  "pageLimit",
  "pageNextToken",
  "pageSort",
  "tags",
  "deviceIds",
  "firmwareSupport",
  "firmwareSupportExclude",
  "deviceTypes",
  "subTypes",
  "deviceNameFuzzy",
] as const;

/** Documented parameters that the emulator refuses. If it ignored a filter, it would show other devices than requested. */
const unservedParameters = ["transform", "deviceIdentifiers", "bleFirmwareSupport", "gatewayId"];

type Filter = (device: Device) => boolean;

/** One page of a team's devices, by creation, that pass every filter. */
export function listDevices(store: DeviceStore, caller: Caller, query: Query, reading: Reading) {
  const unserved = unservedParameters.filter((name) => query.has(name));
  if (unserved.length > 0) throw invalid(unserved.map((name) => `${name} is not served by this emulator`));
  const page = pageRequest(query, reading);
  const filters = filtersOf(query);
  const order = query.choice("pageSort", ["asc", "desc"]) ?? "asc";
  const detail = stateDetail(query);
  const after = page.after === undefined ? undefined : Number(page.after);
  if (Number.isNaN(after)) throw invalid(["pageNextToken is not a token of this list"]);

  const ids = query.list("deviceIds");
  const { tenantId } = caller.team;
  const candidates =
    ids === undefined
      ? store.registry.visibleDevices(tenantId, order, after, reading.at)
      : store.registry.visibleAmong(ids, tenantId, order, after, reading.at);
  return takePage(
    page,
    matching(candidates, (device) => sees(caller, device) && filters.every((passes) => passes(device))),
    (device) => String(device.sequence),
    (device) => deviceView(store, device, detail, reading.at),
  );
}

function* matching(devices: Iterable<Device>, passes: Filter): Generator<Device> {
  for (const device of devices) if (passes(device)) yield device;
}

function filtersOf(query: Query): Filter[] {
  const filters: Filter[] = [];
  const tags = query.list("tags");
  if (tags !== undefined) filters.push((device) => device.tags.some((tag) => tags.has(tag)));
  const subTypes = query.list("subTypes");
  if (subTypes !== undefined) filters.push(({ subType }) => subTypes.has(subType ?? "unknown"));
  const types = query.list("deviceTypes");
  if (types !== undefined) filters.push((device) => types.has(deviceType(device)));
  const supported = firmwareList(query, "firmwareSupport");
  if (supported !== undefined) {
    filters.push((device) => [...supported].every((type) => device.firmwareTypes.includes(type)));
  }
  const excluded = firmwareList(query, "firmwareSupportExclude");
  if (excluded !== undefined) {
    filters.push((device) => !device.firmwareTypes.some((type) => excluded.has(type)));
  }
  const name = query.text("deviceNameFuzzy")?.toLowerCase();
  if (name !== undefined) filters.push((device) => device.name.toLowerCase().includes(name));
  return filters;
}

function firmwareList(query: Query, name: string): ReadonlySet<string> | undefined {
  const types = query.list(name);
  const wrong = [...(types ?? [])].find((type) => firmwareTypeRule(type) !== undefined);
  if (wrong !== undefined) throw invalid([`${name} must be of ${firmwareTypes.join(", ")}`]);
  return types;
}

function stateDetail(query: Query): StateDetail {
  const [state, metadata] = [query.flag("includeState"), query.flag("includeStateMeta")];
  if (!state) return "none";
  return metadata ? "values and metadata" : "values";
}

/** The tags in use in a team at a time (epoch milliseconds), in alphabetical order. */
export function tagsInUse({ registry }: DeviceStore, caller: Caller, at: number): string[] {
  const tags = new Set<string>();
  for (const device of registry.visibleDevices(caller.team.tenantId, "asc", undefined, at)) {
    if (sees(caller, device)) for (const tag of device.tags) tags.add(tag);
  }
  return [...tags].sort();
}
