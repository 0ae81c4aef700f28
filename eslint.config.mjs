import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "node_modules/", "**/.nrfcloud/", ".quickstart/", ".example-*/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    // TypeScript knows the names of Node; the rule does not.
    files: ["**/*.mjs"],
    rules: { "no-undef": "off" },
  },
  {
    // Programs of users are CommonJS as often as not, and so is what Pulumi's host of dynamic providers loads.
    files: ["examples/**/*.js", "tools/**/*.cjs"],
    rules: { "no-undef": "off", "@typescript-eslint/no-require-imports": "off" },
  },
  {
    // Command-line tools speak to people on the console.
    files: ["tools/**", "examples/**", "**/main.ts", "**/simulate.ts"],
    rules: { "no-console": "off" },
  },
);
