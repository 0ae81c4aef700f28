import type { Settings } from "../settings.js";
import { CreationOrder } from "./creationOrder.js";
import { isDevice, type Device } from "./device.js";
import type { StoreEvents } from "./events.js";
import { History, type Hindsight } from "./history.js";
import type { Journal } from "./journal.js";

/** The parts of a device that its creation decides. */
export type NewDevice = Pick<Device, "id" | "tenantId" | "subType" | "tags" | "firmwareTypes">;

/** The parts of a device that can change afterwards. */
export type DeviceChange = Partial<Pick<Device, "name" | "subType" | "tags" | "firmwareTypes" | "shadow">>;

/** When readers see a write: after the consistency delay, or at once (the admin API). */
export type Visibility = "delayed" | "immediate";

/**
 * All devices, with and without a team. `visible…` methods return what the API shows at a time (epoch milliseconds), after the
 * consistency delay. `latest…` methods return the present state.
 */
export class Registry {
  private readonly histories = new Map<string, History<Device>>();
  private readonly orders = new Map<string, CreationOrder>();
  private readonly counts = new Map<string, number>();
  private nextSequence = 1;

  constructor(
    private readonly settings: Settings,
    private readonly journal: Journal,
    private readonly events: StoreEvents,
    private readonly hindsight: Hindsight,
  ) {}

  latest(id: string): Device | undefined {
    return this.histories.get(id)?.latest;
  }

  visible(id: string, at: number): Device | undefined {
    return this.histories.get(id)?.visible(at);
  }

  /** The present number of a team's devices. */
  count(tenantId: string): number {
    return this.counts.get(tenantId) ?? 0;
  }

  /** Adds a device; its id must be free. */
  create(device: NewDevice): Device {
    const sequence = this.nextSequence++;
    const created: Device = {
      ...device,
      sequence,
      name: device.id,
      createdAt: Date.now(),
      updatedAt: undefined,
      shadow: undefined,
    };
    this.place(created, "delayed");
    this.journal.record("devices", created.id, created);
    this.events.emit("changed", created.id);
    return created;
  }

  change(device: Device, change: DeviceChange, visibility: Visibility): Device {
    const changed: Device = { ...device, ...change, updatedAt: Date.now() };
    this.write(device.id, changed, visibility);
    this.journal.record("devices", device.id, changed);
    this.events.emit("changed", device.id);
    return changed;
  }

  /** Moves a device into a team, or (`undefined`) out of its team. The device becomes the last in the order of creation. */
  transfer(device: Device, tenantId: string | undefined, change: DeviceChange): Device {
    const moved: Device = {
      ...device,
      ...change,
      tenantId,
      sequence: this.nextSequence++,
      updatedAt: Date.now(),
    };
    this.place(moved, "delayed");
    this.leave(device);
    this.journal.record("devices", device.id, moved);
    this.events.emit("changed", device.id);
    return moved;
  }

  remove(device: Device, visibility: Visibility): void {
    this.write(device.id, undefined, visibility);
    this.leave(device);
    this.journal.record("devices", device.id, undefined);
    this.events.emit("deleted", device);
  }

  /** A team's devices as readers see them, by creation, after a sequence. */
  *visibleDevices(
    tenantId: string,
    order: "asc" | "desc",
    after: number | undefined,
    at: number,
  ): Generator<Device> {
    for (const slot of this.order(tenantId).walk(order, after)) {
      const device = this.histories.get(slot.id)?.visible(at);
      if (device?.sequence === slot.sequence) yield device;
    }
  }

  /** The same, of some ids only; does not walk the others. */
  visibleAmong(
    ids: Iterable<string>,
    tenantId: string,
    order: "asc" | "desc",
    after: number | undefined,
    at: number,
  ): Device[] {
    const direction = order === "asc" ? 1 : -1;
    return [...ids]
      .map((id) => this.visible(id, at))
      .filter((device) => device !== undefined)
      .filter((device) => device.tenantId === tenantId)
      .filter((device) => after === undefined || direction * (device.sequence - after) > 0)
      .sort((a, b) => direction * (a.sequence - b.sequence));
  }

  /** The present devices of all teams. */
  *latestDevices(): Generator<Device> {
    for (const history of this.histories.values()) {
      if (history.latest !== undefined) yield history.latest;
    }
  }

  /** Restores the contents of the state file. */
  restore(records: Iterable<unknown>): void {
    const devices = [...records].filter(isDevice).sort((a, b) => a.sequence - b.sequence);
    for (const device of devices) this.place(device, "immediate");
    this.nextSequence = (devices.at(-1)?.sequence ?? 0) + 1;
  }

  clear(): void {
    const ids = [...this.latestDevices()].map(({ id }) => id);
    for (const id of ids) this.journal.record("devices", id, undefined);
    this.histories.clear();
    this.orders.clear();
    this.counts.clear();
    for (const id of ids) this.events.emit("changed", id);
  }

  private place(device: Device, visibility: Visibility): void {
    const { id, tenantId, sequence } = device;
    this.write(id, device, visibility);
    if (tenantId === undefined) return;
    this.order(tenantId).append({ id, sequence });
    this.counts.set(tenantId, this.count(tenantId) + 1);
  }

  /** Removes a device from the order of its team. */
  private leave({ tenantId }: Device): void {
    if (tenantId === undefined) return;
    this.counts.set(tenantId, this.count(tenantId) - 1);
    const horizon = Date.now() - this.hindsight.ms;
    this.order(tenantId).leave(({ id, sequence }) => {
      const history = this.histories.get(id);
      if (history?.isOver(horizon) === true) this.histories.delete(id);
      return history?.some((version) => version.sequence === sequence) !== true;
    });
  }

  private write(id: string, device: Device | undefined, visibility: Visibility): void {
    const history = this.histories.get(id) ?? new History<Device>();
    this.histories.set(id, history);
    const now = Date.now();
    const visibleAt = visibility === "immediate" ? now : now + this.settings.consistencyDelayMs;
    history.write(device, visibleAt, now - this.hindsight.ms);
  }

  private order(tenantId: string): CreationOrder {
    const order = this.orders.get(tenantId) ?? new CreationOrder();
    this.orders.set(tenantId, order);
    return order;
  }
}
