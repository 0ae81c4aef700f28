import { beforeAll, expect, test, vi } from "vitest";
import { caCertificate } from "../../provider/lifecycle/caCertificate.js";
import { device } from "../../provider/lifecycle/device.js";
import { deviceCertificate } from "../../provider/lifecycle/deviceCertificate.js";
import { useAccount } from "../support/account.js";
import { Resource } from "../support/resource.js";

useAccount();
vi.spyOn(process.stdout, "write").mockReturnValue(true);

const ca = new Resource(caCertificate);
beforeAll(() => ca.up({ subject: { commonName: "Short CA" }, validityDays: 20 }));

/** Certificates for 30 days that would be due 25 days before their end: they end with their CA, in 20. */
const beyondCa = () => ({ ca: ca.id, validityDays: 30, earlyRenewalHours: 25 * 24 });

test.each([
  ["a device", device, () => ({ deviceId: "d-1", credential: beyondCa() })],
  ["a certificate that stands on its own", deviceCertificate, () => ({ deviceId: "d-1", ...beyondCa() })],
])(
  "%s that ends with its CA is not issued anew by each run: another would last no longer",
  async (_, lifecycle, inputs) => {
    const resource = new Resource(lifecycle);
    await resource.up(inputs());
    expect(await resource.up(inputs())).toBe("same");
  },
);

test.each([
  [
    "a device",
    device,
    { deviceId: "d-2", credential: { ca: "any", validityDays: 1, earlyRenewalHours: 24 } },
  ],
  [
    "a certificate that stands on its own",
    deviceCertificate,
    { deviceId: "d-2", ca: "any", validityDays: 1, earlyRenewalHours: 24 },
  ],
])("%s that would be due from its first second on is refused", async (_, lifecycle, inputs) => {
  await expect(new Resource(lifecycle).plan(inputs)).rejects.toThrow(
    "24 hours are no less than the whole validity (24 hours), so every run would give the device another certificate",
  );
});
