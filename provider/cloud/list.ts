import type { ValidateFunction } from "ajv";
import { NotUnderstoodError } from "./errors.js";
import type { Transport } from "./transport.js";

/** A list gives at most this many items a page. */
const PAGE_LIMIT = 100;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly pageNextToken?: string;
}

/** A list of the API. */
export interface List<Item> {
  readonly operation: string;
  readonly path: string;
  readonly page: ValidateFunction<Page<Item>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** Those of these devices that are in a list, asked for a hundred a call. */
export async function listByIds<Item>(
  transport: Transport,
  deviceIds: readonly string[],
  list: List<Item>,
): Promise<Item[]> {
  const chunks = await Promise.all(
    hundreds(deviceIds).map((ids) => allPages(transport, list, { ...list.query, deviceIds: ids.join(",") })),
  );
  return chunks.flat();
}

/** Every item of a list, page by page. */
export async function allPages<Item>(
  transport: Transport,
  { operation, path, page }: List<Item>,
  query: Readonly<Record<string, string>>,
): Promise<Item[]> {
  const items: Item[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { pageNextToken: token };
    const answer = await transport.ask(
      { operation, method: "GET", path, query: { ...query, pageLimit: String(PAGE_LIMIT), ...next } },
      page,
    );
    items.push(...answer.items);
    token = answer.pageNextToken;
    if (token !== undefined && tokens.has(token))
      throw new NotUnderstoodError({ operation }, "its pages lead in a circle");
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined);
  return items;
}

function hundreds(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < ids.length; i += PAGE_LIMIT) chunks.push(ids.slice(i, i + PAGE_LIMIT));
  return chunks;
}
