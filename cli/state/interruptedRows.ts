import path from "node:path";
import { projectFolder } from "../../provider/engine/projectFolder.js";
import { RedoLog } from "../../provider/journal/log.js";
import { journalFolder } from "../../provider/lifecycle/session/session.js";
import { textEntry } from "../json.js";
import type { StateRow } from "./sets.js";
import type { StackState } from "./stackState.js";

/** The devices with newer entries in the journal than in the state: an interrupted run had started to change them. */
export function interruptedIds(state: StackState, rows: readonly StateRow[]): ReadonlySet<string> {
  const tables = new Set(rows.map(({ table }) => table));
  const folder = journalFolder(projectFolder(path.resolve(state.target.cwd)), process.env);
  return new Set(
    [...tables].flatMap(({ urn, resource: { inputs }, revision = 0 }) => {
      const project = urn.split("::")[1] ?? "";
      const [stack, set, key] = ["stack", "name", "journalKey"].map((name) => textEntry(inputs, name));
      if (stack === undefined || set === undefined || key === undefined) return [];
      return [...RedoLog.read(folder, { project, stack, set, key }).unrecorded(revision).keys()];
    }),
  );
}
