import type { Checker } from "./answers.js";
import { NotUnderstoodError } from "./errors.js";
import type { Transport } from "./transport.js";

/** The API's limit of items a page. */
const PAGE_LIMIT = 100;
/** A million items: ten times the largest fleet. */
const MAX_PAGES = 10_000;
/** For lists of at most 100 items: enough if each page has only one. */
const MAX_PAGES_BY_IDS = 100;
/** Empty pages are possible if the API filters after paging. But a list of only empty pages would never end. */
const MAX_EMPTY_PAGES = 100;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly pageNextToken?: string;
}

type Asker = Pick<Transport, "ask">;

/** A list of the API. */
export interface List<Item> {
  readonly operation: string;
  readonly path: string;
  readonly page: Checker<Page<Item>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** The items of these devices, 100 devices a call. */
export async function listByIds<Item>(
  transport: Asker,
  deviceIds: readonly string[],
  list: List<Item>,
): Promise<Item[]> {
  const chunks = await Promise.all(
    hundreds(deviceIds).map((ids) =>
      allPages(transport, list, { ...list.query, deviceIds: ids.join(",") }, MAX_PAGES_BY_IDS),
    ),
  );
  return chunks.flat();
}

/** All items of a list. Throws NotUnderstoodError for an endless list. */
export async function allPages<Item>(
  transport: Asker,
  { operation, path, page }: List<Item>,
  query: Readonly<Record<string, string>>,
  maxPages = MAX_PAGES,
): Promise<Item[]> {
  const items: Item[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  let emptyPages = 0;
  do {
    const next = token === undefined ? {} : { pageNextToken: token };
    const answer = await transport.ask(
      { operation, method: "GET", path, query: { ...query, pageLimit: String(PAGE_LIMIT), ...next } },
      page,
    );
    items.push(...answer.items);
    emptyPages = answer.items.length === 0 ? emptyPages + 1 : 0;
    token = answer.pageNextToken;
    if (token === undefined) return items;
    if (tokens.has(token))
      throw new NotUnderstoodError({ operation }, "its pages refer to each other in a circle");
    tokens.add(token);
    if (emptyPages >= MAX_EMPTY_PAGES)
      throw new NotUnderstoodError({ operation }, `${emptyPages} pages in a row are empty, and name another`);
  } while (tokens.size < maxPages);
  throw new NotUnderstoodError(
    { operation },
    `the list has not ended after ${maxPages.toLocaleString("en")} pages`,
  );
}

function hundreds(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < ids.length; i += PAGE_LIMIT) chunks.push(ids.slice(i, i + PAGE_LIMIT));
  return chunks;
}
