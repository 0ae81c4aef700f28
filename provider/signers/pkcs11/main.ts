// The program that signs with a key on a PKCS#11 token. It is a separate process, since a PKCS#11 library may crash or hang.

import { loadPkcs11js } from "./library.js";
import { parseOpening } from "./opening.js";
import { serve } from "./serve.js";
import { openKey } from "./token.js";

serve(process.stdin, process.stdout, (line) => {
  const { library, module, uri, pin } = parseOpening(line);
  return openKey(loadPkcs11js(library), module, uri, pin);
}).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
      process.exit(1),
    );
  },
);
