import { tmpdir } from "node:os";
import { systemClock } from "../../provider/engine/clock.js";
import type { HostOptions } from "../../provider/engine/host.js";
import { Notices } from "../../provider/engine/notices.js";
import { Progress } from "../../provider/engine/progress.js";
import { expectedErrors } from "../../provider/lifecycle/session/expectedErrors.js";
import { openSession, type Session } from "../../provider/lifecycle/session/session.js";

/** A run without an account, for what never leaves this machine. */
export interface Offline {
  readonly hosted: HostOptions<Session>;
  /** What the run has told people so far. */
  readonly told: readonly string[];
}

/** @param now the time that it is, as long as nothing else is said */
export function offline(now: () => Date = () => systemClock.now()): Offline {
  const told: string[] = [];
  const print = (text: string) => told.push(text);
  const clock = { ...systemClock, now };
  const session = openSession({
    env: {},
    config: () => undefined,
    clock,
    notices: new Notices(print),
    isStopped: () => false,
    progress: new Progress(clock, { print }),
    projectFolder: tmpdir(),
    project: "project",
    pkcs11Program: "dist/provider/signers/pkcs11/main.js",
  });
  return {
    hosted: { session: () => session, expected: expectedErrors },
    get told() {
      session.notices.flush();
      return told;
    },
  };
}
