import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Socket } from "node:net";
import type { Clock } from "../engine/clock.js";
import { ExpectedError } from "../engine/errors.js";
import { escaped } from "../engine/escaped.js";
import { digestOf, verdictOn, type Signer } from "../pki/signer.js";
import { Lines, LONGEST_LINE, parseLine, requestLine } from "./protocol.js";

export interface SignerProcess {
  /** Its name in messages, such as `The signer "./sign.sh"`. */
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line that is sent before the first request. May be secret. */
  readonly opening: string | undefined;
  /** The number of concurrent requests. */
  readonly inFlight: number;
  readonly timeoutSeconds: number;
  /** The CA's, which verifies every signature. */
  readonly publicKeyPem: string;
  readonly clock: Clock;
}

interface Request {
  readonly bytes: Buffer;
  readonly resolve: (signature: Buffer) => void;
  readonly reject: (error: Error) => void;
}

interface Asked extends Request {
  readonly deadline: number;
}

/** How often the deadlines are checked. */
const LOOK_EVERY_MS = 1_000;
/** How long a signer may take to exit before it is killed. */
const GRACE_MS = 2_000;
const SHOWN_ANSWER = 60;
const SHOWN_STDERR = 400;

/**
 * A signer in another process, one for all signatures of a run. The first error ends it: waiting requests fail, and later ones too.
 */
export class OutsideSigner implements Signer {
  #child: ChildProcessWithoutNullStreams | undefined;
  #failure: ExpectedError | undefined;
  #waiting: Request[] = [];
  readonly #asked = new Map<string, Asked>();
  #lastId = 0;
  #stderr = "";
  #isWatched = false;

  constructor(private readonly process: SignerProcess) {}

  sign(bytes: Buffer): Promise<Buffer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#ask();
    });
  }

  /** Ends the process at the end of the run. */
  close(): void {
    this.#end(new ExpectedError(`${this.process.title} was ended with the run.`));
  }

  #ask(): void {
    const { inFlight, timeoutSeconds, clock } = this.process;
    while (this.#asked.size < inFlight) {
      const [request] = this.#waiting.splice(0, 1);
      if (request === undefined) return;
      const id = String(++this.#lastId);
      this.#asked.set(id, { ...request, deadline: clock.now().getTime() + 1000 * timeoutSeconds });
      (this.#child ??= this.#start()).stdin.write(requestLine(id, digestOf(request.bytes)));
      if (!this.#isWatched) void this.#watch();
    }
  }

  #start(): ChildProcessWithoutNullStreams {
    const { program, args, cwd, env, opening } = this.process;
    const child = spawn(program, args, { cwd, env, stdio: "pipe", shell: false, windowsHide: true });
    child.on("error", (error: NodeJS.ErrnoException) => {
      this.#end(this.#failed(`can't be started (${error.code ?? "unknown"})`, START));
    });
    // "close" comes after the end of its outputs, so all output has been read.
    child.on("close", (code, signal) => {
      const how = signal === null ? `with exit code ${code ?? "unknown"}` : `by ${signal}`;
      const left = this.#asked.size + this.#waiting.length;
      const open = left === 0 ? "before the run did" : `before it had answered ${count(left)}`;
      this.#end(this.#failed(`ended ${how} ${open}`, TRY));
    });
    // The exit of the process reports why it stopped reading.
    child.stdin.on("error", () => undefined);
    const lines = new Lines();
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      for (const line of lines.add(piece)) this.#answered(line);
      if (lines.rest.length > LONGEST_LINE) this.#answered(lines.rest);
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      this.#stderr = `${this.#stderr}${piece}`.slice(-10 * SHOWN_STDERR);
    });
    // The signer must not keep the provider's process alive.
    child.unref();
    // Pipes are sockets.
    for (const pipe of [child.stdin, child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
    if (opening !== undefined) child.stdin.write(`${opening}\n`);
    return child;
  }

  #answered(line: string): void {
    if (this.#failure !== undefined) return;
    const answer = parseLine(line);
    const asked = answer === undefined ? undefined : this.#asked.get(answer.id);
    if (answer === undefined || asked === undefined) {
      const why = answer === undefined ? "is not an id and a base64 text" : "answers no open request";
      this.#end(this.#failed(`answered ${shown(line)}, which ${why}`, READ));
      return;
    }
    switch (verdictOn(answer.bytes, asked.bytes, this.process.publicKeyPem)) {
      case "good":
        this.#asked.delete(answer.id);
        asked.resolve(answer.bytes);
        this.#ask();
        return;
      case "of another key":
        this.#end(this.#failed("signed with another key than that of the CA certificate", OTHER_KEY));
        return;
      case "raw signature":
        this.#end(this.#failed("answered a signature of 64 bytes without DER around its two numbers", READ));
        return;
      case "not a signature":
        this.#end(this.#failed(`answered ${shown(line)}, which is not a signature in DER`, READ));
    }
  }

  /** Checks the deadlines as long as requests are waiting. */
  async #watch(): Promise<void> {
    this.#isWatched = true;
    const { clock, timeoutSeconds } = this.process;
    while (this.#asked.size > 0) {
      await clock.sleep(Math.min(LOOK_EVERY_MS, 1000 * timeoutSeconds));
      const now = clock.now().getTime();
      // Requests are in order, so the first is the oldest.
      const [oldest] = this.#asked.values();
      if (oldest !== undefined && oldest.deadline <= now)
        this.#end(this.#failed(`did not answer a request within ${timeoutSeconds} seconds`, HANGS));
    }
    this.#isWatched = false;
  }

  #failed(what: string, remedy: string): ExpectedError {
    const said = this.#stderr
      .trim()
      .split(/\s*\n\s*/)
      .join(" / ");
    const cut = said.length > SHOWN_STDERR ? `… ${said.slice(-SHOWN_STDERR)}` : said;
    const stderr = cut === "" ? "" : ` It wrote: ${escaped(cut)}`;
    return new ExpectedError(`${this.process.title} ${what}. ${remedy}${stderr}`);
  }

  #end(failure: ExpectedError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    const open = [...this.#asked.values(), ...this.#waiting];
    this.#asked.clear();
    this.#waiting = [];
    for (const { reject } of open) reject(failure);
    const child = this.#child;
    if (child === undefined) return;
    child.stdin.end();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  }
}

const START = "Correct the signer, or install its program. A path starts at the project's folder.";
const TRY =
  "The provider registered nothing that was not signed. Run the signer by hand (docs/signer.md), then run again.";
const READ = "docs/signer.md describes the answers. Correct the signer, then run again.";
const OTHER_KEY =
  "The provider used no such signature. Give the signer the key of the CA, or the CA the certificate of that key.";
const HANGS = "Check what it waits for, or raise the `timeout` of the signer, then run again.";

function count(requests: number): string {
  return requests === 1 ? "a request" : `${requests.toLocaleString("en")} requests`;
}

function shown(line: string): string {
  const cut = line.length > SHOWN_ANSWER ? `${line.slice(0, SHOWN_ANSWER)}…` : line;
  return escaped(JSON.stringify(cut));
}
