import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { RedoLog } from "../../provider/journal/log.js";
import { compiled } from "./compiled.js";
import { at, NAME, opened, useFolders } from "./support.js";

const newFolder = useFolders();
const [logCode, clockCode] = ["provider/journal/log.ts", "provider/engine/clock.ts"].map((source) =>
  JSON.stringify(compiled(source)),
);

it("a process that is killed while it writes loses nothing that it had started", async () => {
  const folder = newFolder();
  // It says of each step that it is started; large rows make it likely that the kill tears a line. At times it rewrites the file.
  const script = `const { RedoLog } = require(${String(logCode)}); const { systemClock: clock } = require(${String(clockCode)});
    (async () => {
      const [folder, name, from] = JSON.parse(process.argv[1]);
      const log = await RedoLog.open(folder, name, { clock, withinMs: 5000 });
      for (let i = from; ; i++) {
        const rows = Array.from({ length: 200 }, (_, n) => ({ id: i + "-" + n, line: "", certificate: require("node:crypto").randomBytes(300).toString("base64") }));
        log.start(i, "onboard", rows, ${JSON.stringify(at(0))});
        process.stdout.write(i + "\\n");
        if (i % 5 === 4) log.compact(i - 3);
      }
    })();`;
  let last = 0;
  for (let round = 0; round < 8; round++) {
    const args = ["-e", script, JSON.stringify([folder, NAME, last + 1])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => (last = Number(line)));
    await once(lines, "line");
    await sleep(20 + round * 17);
    const closed = once(lines, "close");
    child.kill("SIGKILL");
    await closed;
    const read = RedoLog.read(folder, NAME);
    expect([read.unreadable, read.torn]).toEqual([false, false]);
    const found = read.unrecorded(Math.max(0, last - 2));
    for (const id of [`${last}-0`, `${last}-199`])
      expect(found.get(id)?.steps[0]?.certificate).toHaveLength(400);
  }
  const log = await opened(folder);
  log.start(last + 1, "claim", [{ id: "next", line: "" }], at(1));
  log.close();
  expect(RedoLog.read(folder, NAME).unrecorded(last).has("next")).toBe(true);
});
