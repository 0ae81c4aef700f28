import { createRequire } from "node:module";

/** The part of pkcs11js that is used. Handles are opaque. */
export interface Pkcs11 {
  load(file: string): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { readonly label: string; readonly serialNumber: string };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_Login(session: Buffer, user: number, pin: string): void;
  C_FindObjectsInit(
    session: Buffer,
    template: readonly { readonly type: number; readonly value: number | string | Buffer }[],
  ): void;
  C_FindObjects(session: Buffer, most: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_SignInit(session: Buffer, mechanism: { readonly mechanism: number }, key: Buffer): void;
  C_SignAsync(session: Buffer, data: Buffer, room: Buffer): Promise<Buffer>;
}

/** Constants of the PKCS#11 standard. */
export const CK = {
  lockingByOs: 0x2,
  serialSession: 0x4,
  user: 1,
  attributeClass: 0x0,
  attributeLabel: 0x3,
  attributeId: 0x102,
  privateKey: 0x3,
  ecdsa: 0x1041,
} as const;

/** @param file the path of pkcs11js @throws Error if it is another module, or was built for another version of Node */
export function loadPkcs11js(file: string): Pkcs11 {
  const loaded: unknown = createRequire(file)(file);
  if (!hasPkcs11(loaded)) throw new Error(`${file} is not pkcs11js.`);
  return new loaded.PKCS11();
}

function hasPkcs11(loaded: unknown): loaded is { readonly PKCS11: new () => Pkcs11 } {
  return (
    typeof loaded === "object" && loaded !== null && "PKCS11" in loaded && typeof loaded.PKCS11 === "function"
  );
}
