import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onboardDevices, registerCredentials } from "../../provider/cloud/bulk.js";
import { claimDevices } from "../../provider/cloud/claimedDevices.js";
import { checkProvisioningTag } from "../../provider/fleet/rules.js";
import { useServer, type Asked } from "../cloud/server.js";
import { pem } from "../fleet/io.js";
import { firmwareTypes, subType, tags } from "./arbitraries.js";

const use = useServer();
const WAIT = { requestMs: 10_000, readbackMs: 300, bulkMs: 30_000 };

/** An id that a spreadsheet would take for a formula, or JavaScript for its own, is an id like any other. */
const deviceId = fc.oneof(
  fc.constantFrom("-1", "__proto__", "constructor", "a:b", "0"),
  fc.stringMatching(/^[A-Za-z0-9:_-]{1,64}$/),
);

const devices = fc.uniqueArray(
  fc.record({
    deviceId,
    subType,
    tags,
    firmwareTypes,
    credentialPem: fc.oneof(
      fc.string().map((seed) => pem("CERTIFICATE", seed)),
      fc.string().map((seed) => pem("PUBLIC KEY", seed)),
    ),
  }),
  { selector: (device) => device.deviceId, minLength: 2, maxLength: 20 },
);

const service = ({ method }: Asked) =>
  method === "POST"
    ? { status: 202, body: { bulkOpsRequestId: "01F8MECHZX3TBDSZ7XRADM79XV" } }
    : { status: 200, body: { bulkOpsRequestId: "01F8MECHZX3TBDSZ7XRADM79XV", status: "SUCCEEDED" } };

const uploads = () => use.server.asked.filter(({ method }) => method === "POST");
const rowsOf = (asked: Asked | undefined): string[][] => parse(asked?.body ?? "");

describe("what is sent in bulk reads as exactly what was declared, nothing added to it or taken away:", () => {
  it("new devices", async () => {
    use.server.answer(service);
    await fc.assert(
      fc.asyncProperty(devices, async (devices) => {
        use.server.asked.length = 0;
        await onboardDevices(use.transport, devices, WAIT);
        expect(rowsOf(uploads()[0])).toEqual(
          devices.map(({ deviceId, subType = "", tags, firmwareTypes, credentialPem }) => [
            deviceId,
            subType,
            tags.join("|"),
            firmwareTypes.join("|"),
            credentialPem,
          ]),
        );
      }),
      { numRuns: 15 },
    );
  });

  it("new credentials, each in the job of its kind", async () => {
    use.server.answer(service);
    await fc.assert(
      fc.asyncProperty(devices, async (devices) => {
        use.server.asked.length = 0;
        const credentials = devices.map(({ deviceId, credentialPem }) => ({ deviceId, pem: credentialPem }));
        await registerCredentials(use.transport, credentials, WAIT);
        for (const [segment, label] of [
          ["certificates", "CERTIFICATE"],
          ["public-keys", "PUBLIC KEY"],
        ] as const) {
          const upload = uploads().find(({ url }) => url.pathname.endsWith(`/${segment}`));
          const ours = credentials.filter(({ pem }) => pem.includes(`BEGIN ${label}-`));
          expect(rowsOf(upload)).toEqual(ours.map(({ deviceId, pem }) => [deviceId, pem]));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("claims, whose tags stand in one cell", async () => {
    const tag = fc
      .oneof(
        fc.constantFrom("location=Trondheim", "=1+1", "a|b", "a;b", "'", "@x", "__proto__"),
        fc.string({ minLength: 1 }),
      )
      .filter((text) => !checkProvisioningTag(text));
    const claim = fc.record({
      token: fc.stringMatching(/^[\w-]{20}\.[\w-]{20}$/),
      deviceUuid: fc.uuid(),
      tags: fc.array(tag, { maxLength: 4 }),
    });
    use.server.answer(() => ({ status: 201, body: { claimedIds: [] } }));
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { minLength: 1, maxLength: 10 }), async (claims) => {
        use.server.asked.length = 0;
        await claimDevices(use.transport, claims);
        const rows: string[][] = parse(uploads()[0]?.body ?? "", { relax_column_count: true });
        expect(
          rows.map(([token, cell = ""]) => ({ token, tags: cell === "" ? [] : cell.split(",") })),
        ).toEqual(claims.map(({ token, tags }) => ({ token, tags })));
      }),
      { numRuns: 30 },
    );
  });
});
