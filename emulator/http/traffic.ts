/** The traffic of one operation. */
export interface RouteTraffic {
  count: number;
  /** How many of them carried an Authorization header. File downloads should carry none. */
  withCredentials: number;
  /** Bytes of request and response bodies. */
  bytesIn: number;
  bytesOut: number;
}

/** A request to nRF Cloud that was answered, or whose connection was closed. */
export interface AnsweredRequest {
  /** Epoch milliseconds of its arrival. */
  readonly at: number;
  readonly method: string;
  /** Fastify's notation, such as `/v1/devices/:deviceId`. */
  readonly route: string;
  /** As it may be shown: without its query. */
  readonly path: string;
  /** Undefined for an unknown route. */
  readonly operation: string | undefined;
  /** Undefined if the connection was closed without a whole answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** Whether it carried an Authorization header. */
  readonly authorized: boolean;
  /** Bytes of the bodies. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const requestsKept = 50;

/** Counts the requests to nRF Cloud (not those to the admin API) by method and route, and keeps the latest 50. */
export class Traffic {
  private routes = new Map<string, RouteTraffic>();
  private requests: AnsweredRequest[] = [];

  add(request: AnsweredRequest): void {
    const route = `${request.method} ${request.route}`;
    const traffic = this.routes.get(route) ?? { count: 0, withCredentials: 0, bytesIn: 0, bytesOut: 0 };
    this.routes.set(route, traffic);
    traffic.count += 1;
    traffic.withCredentials += request.authorized ? 1 : 0;
    traffic.bytesIn += request.bytesIn;
    traffic.bytesOut += request.bytesOut;
    this.requests.push(request);
    if (this.requests.length > requestsKept) this.requests.shift();
  }

  reset(): void {
    this.routes.clear();
    this.requests = [];
  }

  /** The latest requests, the last one first. */
  latestFirst(): AnsweredRequest[] {
    return [...this.requests].reverse();
  }

  get total(): number {
    return [...this.routes.values()].reduce((sum, route) => sum + route.count, 0);
  }

  view() {
    const all = [...this.routes.values()];
    return {
      total: this.total,
      bytesIn: all.reduce((sum, route) => sum + route.bytesIn, 0),
      bytesOut: all.reduce((sum, route) => sum + route.bytesOut, 0),
      routes: Object.fromEntries([...this.routes].sort(([a], [b]) => a.localeCompare(b))),
    };
  }
}
