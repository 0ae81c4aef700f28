import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { RedoLog } from "../../provider/journal/log.js";
import { compiled } from "./compiled.js";
import { NAME, opened, useFolders, written } from "./support.js";

const newFolder = useFolders();
const code = compiled("provider/journal/folder.ts");
const modeOf = (file: string) => statSync(file).mode & 0o777;

describe("the folder of the logs", () => {
  it("is its owner's alone, whatever the umask, and so is a log", async () => {
    const folder = newFolder();
    const before = process.umask(0);
    try {
      const file = await written(folder, (log) => {
        log.start(1, "onboard", [], new Date().toISOString());
        expect(readdirSync(folder).map((each) => modeOf(path.join(folder, each)))).toEqual([0o600, 0o600]);
        return log.file;
      });
      expect([modeOf(folder), modeOf(file)]).toEqual([0o700, 0o600]);
      await written(folder, (log) => {
        log.compact(1);
      });
      expect(modeOf(file)).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  it("is made so where it was open to others", async () => {
    const folder = newFolder();
    const write = () =>
      written(folder, (log) => {
        log.start(1, "onboard", [], new Date().toISOString());
        return log.file;
      });
    const file = await write();
    chmodSync(folder, 0o777);
    chmodSync(file, 0o666);
    await write();
    expect([modeOf(folder), modeOf(file)]).toEqual([0o700, 0o600]);
  });

  it("is asked for in a preview without a trace", () => {
    const folder = newFolder();
    RedoLog.requireWritable(path.join(folder, "a", "b"));
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder, { mode: 0o755 });
    RedoLog.requireWritable(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(modeOf(folder)).toBe(0o755);
  });

  const inTheWay: [string, (folder: string) => void][] = [
    [
      "a link to a folder",
      (folder) => {
        mkdirSync(`${folder}-elsewhere`);
        symlinkSync(`${folder}-elsewhere`, folder);
      },
    ],
    [
      "a link to nowhere",
      (folder) => {
        symlinkSync(`${folder}-nowhere`, folder);
      },
    ],
    [
      "a file",
      (folder) => {
        writeFileSync(folder, "");
      },
    ],
  ];
  it.each(inTheWay)("is one error where %s stands in its place, and nothing is changed", async (_, make) => {
    const folder = newFolder();
    make(folder);
    await expect(opened(folder)).rejects.toThrow(ExpectedError);
    for (const call of [
      () => {
        RedoLog.requireWritable(folder);
      },
      () => RedoLog.read(folder, NAME),
      () => {
        RedoLog.remove(folder, NAME.key);
      },
    ])
      expect(call).toThrow(
        expect.objectContaining({
          name: "ExpectedError",
          message: expect.stringContaining(
            `The provider can't write the journal folder ${folder}`,
          ) as unknown,
        }) as Error,
      );
    expect(existsSync(`${folder}-nowhere`)).toBe(false);
    if (existsSync(`${folder}-elsewhere`)) expect(readdirSync(`${folder}-elsewhere`)).toEqual([]);
  });

  it("that can't be made is one error, which says what it is for, where it is and which setting names another", async () => {
    const folder = "/dev/null/x";
    const told =
      "The provider can't write the journal folder /dev/null/x (/dev/null is not a folder). A run records there what it will do, so that " +
      "an interruption loses no key. Make the folder writable, or name another with NRF_CLOUD_JOURNAL. Nothing was changed.";
    expect(() => {
      RedoLog.requireWritable(folder);
    }).toThrow(new ExpectedError(told));
    await expect(opened(folder)).rejects.toThrow(/journal folder .*NRF_CLOUD_JOURNAL/);
  });

  // Root may write anywhere, so it is another user who looks.
  const NOBODY = 65534;
  it.runIf(process.getuid?.() === 0).each([
    ["that may not be written", { mode: 0o500, owner: NOBODY }, "permission denied"],
    ["that is open to others and not ours to close", { mode: 0o777, owner: 0 }, "belongs to another user"],
  ])("is one error in the preview already: one %s", (_, { mode, owner }, reason) => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(path.dirname(folder), 0o755);
    chownSync(folder, owner, owner);
    chmodSync(folder, mode);
    const script = `require(${JSON.stringify(code)}).requireWritable(${JSON.stringify(folder)})`;
    const user = { uid: NOBODY, gid: NOBODY, cwd: "/", encoding: "utf8" } as const;
    const { stderr } = spawnSync(process.execPath, ["-e", script], user);
    expect(stderr).toContain(`The provider can't write the journal folder ${folder}`);
    expect(stderr).toContain(reason);
  });
});

describe("a log", () => {
  it.each<[string, (file: string) => void]>([
    [
      "a link",
      (file) => {
        writeFileSync(`${file}.elsewhere`, "text\n", { mode: 0o644 });
        symlinkSync(`${file}.elsewhere`, file);
      },
    ],
    [
      "a folder",
      (file) => {
        mkdirSync(file);
      },
    ],
  ])("is one error where %s stands in its place", async (_, make) => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    const { file } = RedoLog.read(folder, NAME);
    make(file);
    const message = expect.stringContaining(`The provider can't use the journal ${file}`) as unknown;
    expect(() => RedoLog.read(folder, NAME)).toThrow(
      expect.objectContaining({ name: "ExpectedError", message }) as Error,
    );
    await expect(opened(folder)).rejects.toMatchObject({ name: "ExpectedError", message });
    // The failed attempt leaves no lock.
    expect(readdirSync(folder).filter((each) => each.endsWith(".lock"))).toEqual([]);
    if (existsSync(`${file}.elsewhere`)) expect(modeOf(`${file}.elsewhere`)).toBe(0o644);
  });
});
