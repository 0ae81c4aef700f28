import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import type { Checker } from "../../provider/cloud/answers.js";
import { allPages, listByIds, type List } from "../../provider/cloud/list.js";
import type { Transport } from "../../provider/cloud/transport.js";
import { rejection } from "./server.js";

interface Page {
  readonly items: readonly string[];
  readonly pageNextToken?: string;
}

const isPage = new Ajv().compile<Page>({ type: "object", required: ["items"] });
const list: List<string> = { operation: "ListDevices", path: "devices", page: isPage };

/** Answers the nth call with this page. */
function pages(page: (nth: number) => Page): Pick<Transport, "ask"> & { asked: number } {
  const transport = {
    asked: 0,
    ask: <T>(_: unknown, isAnswer: Checker<T>): Promise<T> => {
      const answer: unknown = page(transport.asked++);
      if (!isAnswer(answer)) throw new Error("not a page");
      return Promise.resolve(answer);
    },
  };
  return transport;
}

const endless = (items: (nth: number) => readonly string[]) =>
  pages((nth) => ({ items: items(nth), pageNextToken: `token-${nth}` }));

describe("a list whose pages never end", () => {
  it("is given up after a million devices' worth of pages", async () => {
    const transport = endless((nth) => [`device-${nth}`]);
    const error = await rejection(allPages(transport, list, {}));
    expect(error.message).toMatch(/^ListDevices: .*the list has not ended after 10,000 pages/);
    expect(transport.asked).toBe(10_000);
  });

  it("is given up after a hundred pages when a hundred devices were asked for", async () => {
    const transport = endless((nth) => [`device-${nth}`]);
    const error = await rejection(listByIds(transport, ["device-1"], list));
    expect(error.message).toMatch(/the list has not ended after 100 pages/);
    expect(transport.asked).toBe(100);
  });

  it("is given up when it gives tokens alone", async () => {
    const transport = endless((nth) => (nth < 50 ? ["device"] : []));
    const error = await rejection(allPages(transport, list, {}));
    expect(error.message).toMatch(/100 pages in a row are empty, and name another/);
    expect(transport.asked).toBe(150);
  });
});

it("a list whose pages end is read to its end, with empty pages between", async () => {
  const transport = pages((nth) =>
    nth === 9_000
      ? { items: ["last"] }
      : { items: nth % 99 === 0 ? ["device"] : [], pageNextToken: String(nth) },
  );
  const items = await allPages(transport, list, {});
  expect(items).toHaveLength(92);
  expect(items.at(-1)).toBe("last");
});
