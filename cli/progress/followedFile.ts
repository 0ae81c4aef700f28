import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const CHUNK_BYTES = 1024 * 1024;

/** A text file that another process appends to, read line by line as it grows. */
export class FollowedFile {
  private readonly handle: number;
  private readonly decoder = new StringDecoder("utf8");
  private readonly chunk = Buffer.alloc(CHUNK_BYTES);
  private position = 0;
  private rest = "";

  /** @param file must exist */
  constructor(file: string) {
    this.handle = openSync(file, "r");
  }

  /** The whole lines that were added since the last call. */
  *lines(): Generator<string> {
    for (;;) {
      const bytes = readSync(this.handle, this.chunk, 0, CHUNK_BYTES, this.position);
      if (bytes === 0) return;
      this.position += bytes;
      const lines = (this.rest + this.decoder.write(this.chunk.subarray(0, bytes))).split("\n");
      this.rest = lines.pop() ?? "";
      yield* lines;
    }
  }

  close(): void {
    closeSync(this.handle);
  }
}
