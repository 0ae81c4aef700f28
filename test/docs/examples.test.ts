import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { codeBlocks, pages, root } from "./pages.js";

/** Each block of TypeScript as a program of its own, as if it stood in the root of the checkout. */
const programs = new Map(
  pages().flatMap((page) =>
    codeBlocks(page, "ts").map(({ line, code }) => {
      const name = `${page.file.replaceAll(/\W/g, "-")}-line-${line}.ts`;
      return [path.join(root, name), `${code}\nexport {};\n`] as const;
    }),
  ),
);

test("the TypeScript of README and docs has no type errors", () => {
  expect(programs.size).toBeGreaterThan(10);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node20,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    esModuleInterop: true,
    exactOptionalPropertyTypes: true,
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (file) => programs.has(file) || disk.fileExists(file);
  host.readFile = (file) => programs.get(file) ?? disk.readFile(file);
  host.getSourceFile = (file, language, ...others) => {
    const code = programs.get(file);
    return code === undefined
      ? disk.getSourceFile(file, language, ...others)
      : ts.createSourceFile(file, code, language);
  };
  const program = ts.createProgram([...programs.keys()], options, host);
  const problems = [...programs.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${path.basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
  });
  expect(problems).toEqual([]);
});
