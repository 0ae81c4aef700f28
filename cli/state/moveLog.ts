import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";
import { requireNoLink } from "../files/place.js";
import { OWNER_ONLY, replaceFile } from "../files/wholeFile.js";
import { elements, textEntry, entry } from "../json.js";

/** A move of devices that was started. It names them and holds no secret. */
export interface StartedMove {
  readonly from: string;
  readonly to: string;
  readonly ids: readonly string[];
}

/**
 * The one move that is under way in a project, written down before either state changes, so that one that was killed in between is
 * recognized.
 */
export class MoveLog {
  private readonly file: string;

  /** @param project folder of the Pulumi project that devices are moved from */
  constructor(project: string) {
    this.file = path.join(project, ".nrfcloud", "move.json");
  }

  /** The move that was started and not ended. @throws CommandError where the file is damaged */
  unfinished(): StartedMove | undefined {
    let text: string;
    try {
      text = readFileSync(this.file, "utf8");
    } catch {
      return undefined;
    }
    const move = parsed(text);
    const [from, to] = [textEntry(move, "from"), textEntry(move, "to")];
    if (from === undefined || to === undefined)
      throw new CommandError(
        `${this.file} can't be read. Look whether devices are in two stacks, then delete it.`,
      );
    const ids = elements(entry(move, "ids")).filter((id) => typeof id === "string");
    return { from, to, ids };
  }

  /** @throws CommandError where the file would be reached through a link */
  start(move: StartedMove): void {
    requireNoLink(this.file);
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    replaceFile(this.file, `${JSON.stringify(move)}\n`, OWNER_ONLY);
  }

  end(): void {
    rmSync(this.file, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
