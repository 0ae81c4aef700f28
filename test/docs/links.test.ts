import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { pages, prose, root, type Page } from "./pages.js";

test("every link of the docs leads to a file, and to a heading of it", () => {
  const broken = pages().flatMap((page) =>
    linksOf(page).filter(({ file, anchor }) => {
      const place =
        file === "" ? path.join(root, page.file) : path.resolve(root, path.dirname(page.file), file);
      if (!existsSync(place)) return true;
      return anchor !== undefined && !statSync(place).isDirectory() && !headings(place).has(anchor);
    }),
  );
  expect(broken).toEqual([]);
});

test("every file of the code that a page names exists", () => {
  const files = ["provider", "program", "cli", "emulator", "tools", "test", "examples", "schema"].flatMap(
    (room) =>
      readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" }).map(
        (name) => `/${room}/${name}`,
      ),
  );
  const named = pages().flatMap((page) =>
    [...prose(page).matchAll(/`(?:\.\/)?([\w./-]+\.(?:ts|mts|mjs|cjs))`/g)].map(([, name = ""]) => ({
      page: page.file,
      name,
    })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});

test("docs and examples travel in the package, and no link of the README or the docs leads out of it", () => {
  const answer = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ files = [] } = {}] = JSON.parse(answer) as { files?: { path: string }[] }[];
  const packed = new Set(files.map((file) => file.path));
  const inPackage = (place: string) =>
    packed.has(place) || [...packed].some((file) => file.startsWith(`${place}/`));
  for (const { file } of pages()) expect(packed, file).toContain(file);
  const broken = pages().flatMap((page) =>
    linksOf(page).filter(
      ({ file }) =>
        file !== "" &&
        !inPackage(path.normalize(path.join(path.dirname(page.file), file)).replace(/\/$/, "")),
    ),
  );
  expect(broken).toEqual([]);
});

/** The links of a page to other files and headings. */
function linksOf(page: Page) {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .filter(([, target = ""]) => !/^https?:/.test(target))
    .map(([, target = ""]) => {
      const [file = "", anchor] = target.split("#");
      return { page: page.file, file, anchor };
    });
}

/** The anchors of a page, as GitHub makes them. */
function headings(file: string): Set<string> {
  const text = prose({ file, text: readFileSync(file, "utf8") });
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replaceAll(/[^\p{L}\d\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
