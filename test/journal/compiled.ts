import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript";
import { afterAll } from "vitest";

const root = path.resolve(__dirname, "..", "..");

/** A source file and all that it imports, as JavaScript for processes of their own. */
export function compiled(source: string): string {
  const out = mkdtempSync(path.join(tmpdir(), "compiled-"));
  // Other users run it as well.
  chmodSync(out, 0o755);
  afterAll(() => {
    rmSync(out, { recursive: true, force: true });
  });
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(path.join(root, file), "utf8");
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
      },
    });
    const target = path.join(out, file.replace(/\.ts$/, ".js"));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, outputText);
    for (const { fileName } of ts.preProcessFile(text).importedFiles)
      if (fileName.startsWith(".")) visit(path.join(path.dirname(file), fileName.replace(/\.js$/, ".ts")));
  };
  visit(source);
  return path.join(out, source.replace(/\.ts$/, ".js"));
}
