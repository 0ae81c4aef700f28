import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { AppendedFile, readLines, rewrite } from "../../provider/journal/file.js";
import { useFolders } from "./support.js";

const newFolder = useFolders();

function newFile(text?: string): string {
  const folder = newFolder();
  mkdirSync(folder);
  const file = path.join(folder, "a.log");
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

function append(file: string, ...lines: readonly string[]): void {
  const appended = new AppendedFile(file);
  for (const line of lines) appended.append(line);
  appended.close();
}

describe("lines", () => {
  it("are none where there is no file", () => {
    expect(readLines(newFile())).toEqual([]);
    expect(readLines("/dev/null/x/a.log")).toEqual([]);
  });

  it("are read as they were appended", () => {
    const file = newFile();
    append(file, "one", "two");
    append(file, "three");
    expect(readLines(file)).toEqual(["one", "two", "three"]);
  });

  it("that a kill has torn are left out when read, and cut off by the next append", () => {
    const file = newFile("one\ntwo\nthr");
    expect(readLines(file)).toEqual(["one", "two"]);
    expect(readFileSync(file, "utf8")).toBe("one\ntwo\nthr");
    append(file, "four");
    expect(readFileSync(file, "utf8")).toBe("one\ntwo\nfour\n");
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
    "are cut however long the torn one is: %i bytes",
    (length) => {
      const file = newFile(`one\n${"x".repeat(length)}`);
      append(file, "two");
      expect(readLines(file)).toEqual(["one", "two"]);
      const torn = newFile("x".repeat(length));
      append(torn, "two");
      expect(readLines(torn)).toEqual(["two"]);
    },
  );

  it("of which one could not be written whole do not spoil the next", () => {
    const file = newFile();
    const appended = new AppendedFile(file);
    appended.append("one");
    // As a full disk leaves it.
    appendFileSync(file, "tw");
    appended.append("three");
    appended.close();
    expect(readLines(file)).toEqual(["one", "three"]);
  });

  it("are not written into a file that nobody will find", () => {
    const file = newFile();
    const appended = new AppendedFile(file);
    appended.append("one");
    rmSync(file);
    expect(() => {
      appended.append("two");
    }).toThrow(ExpectedError);
    appended.close();
  });
});

describe("a file that is rewritten", () => {
  it("has the new lines alone, whatever an earlier attempt has left", () => {
    const file = newFile("one\ntwo\n");
    writeFileSync(`${file}.new`, "half of some");
    rewrite(file, `${file}.new`, ["three"]);
    expect(readLines(file)).toEqual(["three"]);
    expect(readLines(`${file}.new`)).toEqual([]);
  });

  it("is as it was where that fails", () => {
    const file = newFile("one\n");
    expect(() => {
      rewrite(file, path.join(file, "new"), ["two"]);
    }).toThrow();
    expect(readLines(file)).toEqual(["one"]);
  });
});
