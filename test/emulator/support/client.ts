import { expect, onTestFinished } from "vitest";
import { startEmulator, type Emulator, type EmulatorOptions, type Team } from "../../../emulator/index.js";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if it is empty or no JSON. */
  readonly body: unknown;
}

export interface Request {
  readonly method?: string;
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

export const ours: Team = {
  tenantId: "11111111-1111-4111-8111-111111111111",
  name: "Ours",
  apiKeys: [
    { key: "our-owner", role: "owner" },
    { key: "our-viewer", role: "viewer" },
    { key: "our-editor-of-barn", role: "editor", groups: ["barn"] },
  ],
};

export const theirs: Team = {
  tenantId: "22222222-2222-4222-8222-222222222222",
  name: "Theirs",
  apiKeys: [{ key: "their-owner", role: "owner" }],
};

/** An emulator with two teams that is stopped when the test ends. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ teams: [ours, theirs], ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Speaks to one base address with one API key. */
export class Client {
  constructor(
    private readonly base: string,
    private readonly key?: string,
  ) {}

  async send(path: string, { method, body, type, headers }: Request = {}): Promise<Reply> {
    const response = await fetch(`${this.base}${path}`, {
      method: method ?? "GET",
      headers: {
        ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
        ...(type === undefined ? {} : { "content-type": type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  get(path: string): Promise<Reply> {
    return this.send(path);
  }

  csv(path: string, body: string, type = "text/csv"): Promise<Reply> {
    return this.send(path, { method: "POST", body, type });
  }

  json(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send(path, { method, body: JSON.stringify(body), type: "application/json", headers });
  }

  delete(path: string): Promise<Reply> {
    return this.send(path, { method: "DELETE" });
  }

  /** Uploads rows and waits for the end of their job. */
  async bulk(rows: readonly string[], path = "/devices"): Promise<FinishedJob> {
    const accepted = await this.csv(path, rows.join("\n"));
    expect(accepted).toMatchObject({ status: 202, body: { bulkOpsRequestId: anyText } });
    return this.finished(text(accepted.body, "bulkOpsRequestId"));
  }

  async finished(id: string): Promise<FinishedJob> {
    return until(async () => {
      const { body } = await this.get(`/bulk-ops-requests/${id}`);
      const status = text(body, "status");
      if (status !== "FAILED" && status !== "SUCCEEDED") return undefined;
      const summary =
        status === "FAILED" ? await new Client(text(body, "errorSummaryUrl")).get("") : undefined;
      return { id, status, details: body, errors: field(summary?.body, "errors") };
    });
  }
}

export interface FinishedJob {
  readonly id: string;
  readonly status: string;
  readonly details: unknown;
  readonly errors: unknown;
}

export const ourClient = ({ url }: Emulator) => new Client(url, "our-owner");
export const theirClient = ({ url }: Emulator) => new Client(url, "their-owner");
export const admin = ({ adminUrl }: Emulator) => new Client(adminUrl);

/** Asks again until there is an answer; a test that never gets one runs into its time limit. */
export async function until<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A field of a JSON object; undefined if there is none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

export function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string") throw new Error(`${name} is not a string in ${JSON.stringify(value)}`);
  return found;
}

/** The ids on a list page. */
export function ids(value: unknown): unknown[] {
  const items = field(value, "items");
  return Array.isArray(items) ? items.map((item: unknown) => field(item, "id")) : [];
}

/** A row for OnboardDevices. */
export const row = (deviceId: string, pem: string, subType = "", tags = "", firmwareTypes = "") =>
  `${deviceId},${subType},${tags},${firmwareTypes},"${pem}"`;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A JSON object; empty if it is none. */
export const record = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});

// Vitest's matchers are typed as any; these are what the tests use of them.
export const anyText: unknown = expect.any(String);
export const anyNumber: unknown = expect.any(Number);
export const anyObject: unknown = expect.any(Object);
export const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const objectWith = (fields: object): unknown => expect.objectContaining(fields);
