import type { Cloud } from "../cloud.js";
import type { Faults } from "../faults/faults.js";
import type { AnsweredRequest, Traffic } from "../http/traffic.js";
import type { Team } from "../teams.js";
import { shownClaims } from "./claims.js";
import { shownDevices } from "./devices.js";
import { shownJobs } from "./jobs.js";
import type { View } from "./view.js";

/** The data sources of the page. */
export interface PageSources {
  readonly cloud: Cloud;
  readonly traffic: Traffic;
  readonly teams: readonly Team[];
}

/** Everything that the page shows. It holds no key, token, code or PEM. */
export type Overview = ReturnType<typeof overviewOf>;

const requestsShown = 25;
const refusalsShown = 10;

export function overviewOf({ cloud, traffic, teams }: PageSources, view: View) {
  const { broker, registry } = cloud;
  return {
    mqtt: broker && `mqtts://${broker.host}:${broker.port}`,
    team: view.tenantId,
    teams: teams.map(({ tenantId, name }) => ({ tenantId, name, devices: registry.count(tenantId) })),
    devices: shownDevices(cloud, view),
    claims: shownClaims(cloud, view),
    jobs: shownJobs(cloud.jobs, view),
    requests: { all: traffic.total, items: traffic.latestFirst().slice(0, requestsShown).map(shownRequest) },
    /** Connections that the broker refused, the last one first. */
    refusals: [...(broker?.refusals() ?? [])].slice(-refusalsShown).reverse(),
    faults: shownFaults(cloud.faults),
  };
}

function shownRequest({ at, method, path, operation, status, milliseconds }: AnsweredRequest) {
  return { at: new Date(at).toISOString(), method, path, operation, status, milliseconds };
}

/** The active rules, with the details of each fault as text. */
function shownFaults(faults: Faults) {
  return faults
    .view()
    .rules.map(({ fault: { kind, ...details }, operations, probability, times, considered, fired }) => ({
      kind,
      details: Object.entries(details).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
      operations: operations ?? [],
      probability,
      times,
      considered,
      fired,
    }));
}
