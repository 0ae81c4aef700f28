import { invalid } from "../errors.js";
import type { Query } from "./query.js";
import type { Reading } from "./reading.js";

/** A list reply: `total` counts this page, and the token is there only when more is left. */
export interface Page<Item> {
  readonly items: Item[];
  readonly total: number;
  readonly pageNextToken?: string;
}

/** Which page a request asks for. */
export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** The position after which the page starts; undefined for the first page. */
  readonly after: string | undefined;
  readonly reading: Reading;
}

const defaultLimit = 10;
const maximalLimit = 100;

/** Reads `pageLimit` (default 10) and `pageNextToken`. */
export function pageRequest(query: Query, reading: Reading): PageRequest {
  const text = query.text("pageLimit") ?? String(defaultLimit);
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maximalLimit) {
    throw invalid([`pageLimit must be a whole number from 1 to ${maximalLimit}`]);
  }
  const token = query.text("pageNextToken");
  return { limit, after: token === undefined ? undefined : positionOf(token), reading };
}

/** Takes one page from items that start right after the requested position. Reads no further than it has to. */
export function takePage<Item, View>(
  request: PageRequest,
  items: Iterable<Item>,
  position: (item: Item) => string,
  view: (item: Item) => View,
): Page<View> {
  const taken: Item[] = [];
  for (const item of items) {
    const last = taken.at(-1);
    if (taken.length === request.limit && last !== undefined) {
      // The list changed: the first item of the next page replaces the last one here, and the next page begins with it again.
      const shown = request.reading.changesMeanwhile() ? [...taken.slice(0, -1), item] : taken;
      return {
        items: shown.map(view),
        total: shown.length,
        pageNextToken: tokenOf(position(last)),
      };
    }
    taken.push(item);
  }
  return { items: taken.map(view), total: taken.length };
}

// Every token contains "+" and "=", so that a client that does not URL-encode it fails.
const tokenMark = Buffer.from([0xfb, 0xef, 0xbe]);

function tokenOf(position: string): string {
  const padded = position.padEnd(Math.ceil((position.length + 1) / 3) * 3 - 1);
  return Buffer.concat([tokenMark, Buffer.from(padded)]).toString("base64");
}

function positionOf(token: string): string {
  const bytes = Buffer.from(token, "base64");
  if (bytes.toString("base64") !== token || !bytes.subarray(0, tokenMark.length).equals(tokenMark)) {
    throw invalid(["pageNextToken is not a token of this API (was it URL-encoded?)"]);
  }
  return bytes.subarray(tokenMark.length).toString().trimEnd();
}
