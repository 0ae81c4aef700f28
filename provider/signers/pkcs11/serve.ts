import type { Readable, Writable } from "node:stream";
import { Lines, parseLine } from "../protocol.js";
import type { TokenKey } from "./token.js";

/**
 * Answers the requests of the provider by the protocol of docs/signer.md until the input ends.
 * @param open opens the key that the first line describes
 * @throws Error with a message for users. The first error ends the program
 */
export function serve(input: Readable, output: Writable, open: (opening: string) => TokenKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = new Lines();
    const answers = new Set<Promise<void>>();
    let key: TokenKey | undefined;
    const take = (line: string): void => {
      if (key === undefined) {
        key = open(line);
        return;
      }
      const request = parseLine(line);
      if (request === undefined) throw new Error("A line is not a request.");
      const answer = key.sign(request.bytes).then((signature) => {
        output.write(`${request.id} ${signature.toString("base64")}\n`);
        answers.delete(answer);
      });
      answers.add(answer);
      answer.catch(reject);
    };
    input.setEncoding("utf8");
    input.on("data", (piece: string) => {
      try {
        for (const line of lines.add(piece)) take(line);
      } catch (thrown) {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    });
    input.on("error", reject);
    input.on("end", () => {
      Promise.all(answers).then(() => {
        resolve();
      }, reject);
    });
  });
}
