/** What one operation was asked so far. */
export interface RouteTraffic {
  count: number;
  /** How many of them carried an Authorization header. File downloads should carry none. */
  withCredentials: number;
  /** Bytes of request and response bodies. */
  bytesIn: number;
  bytesOut: number;
}

/** Counts the requests to nRF Cloud (not those to the admin door) by method and route. */
export class Traffic {
  private routes = new Map<string, RouteTraffic>();

  add(route: string, request: { authorized: boolean; bytesIn: number; bytesOut: number }): void {
    const traffic = this.routes.get(route) ?? { count: 0, withCredentials: 0, bytesIn: 0, bytesOut: 0 };
    this.routes.set(route, traffic);
    traffic.count += 1;
    traffic.withCredentials += request.authorized ? 1 : 0;
    traffic.bytesIn += request.bytesIn;
    traffic.bytesOut += request.bytesOut;
  }

  reset(): void {
    this.routes.clear();
  }

  view() {
    const all = [...this.routes.values()];
    return {
      total: all.reduce((sum, route) => sum + route.count, 0),
      bytesIn: all.reduce((sum, route) => sum + route.bytesIn, 0),
      bytesOut: all.reduce((sum, route) => sum + route.bytesOut, 0),
      routes: Object.fromEntries([...this.routes].sort(([a], [b]) => a.localeCompare(b))),
    };
  }
}
