import { describe, expect, it } from "vitest";
import {
  checkDeviceId,
  checkFirmwareType,
  checkName,
  checkProvisioningTag,
  checkSubType,
  checkTag,
  quote,
} from "../../provider/fleet/rules.js";

describe("rules", () => {
  it.each([
    ["device id", checkDeviceId, ["a", "nrf-352656100000001", "50503736-3633:A_1", "x".repeat(64)]],
    ["tag", checkTag, ["a", "A_b.c@d:e#f-1", "t".repeat(2000)]],
    ["provisioning tag", checkProvisioningTag, ["nrf-cloud-onboarding", "location=Trondheim", "a/b+c"]],
    ["sub-type", checkSubType, ["", "a/b,c@d:e#f_g-h.i", "s".repeat(799)]],
    ["firmware type", checkFirmwareType, ["APP", "MODEM", "BOOT", "SOFTDEVICE", "BOOTLOADER", "MDM_FULL"]],
    ["name", checkName, ["x", "Sensor 1 (Østfold) 🙂", "n".repeat(128)]],
  ])("accept each good %s", (_, check, values) => {
    for (const value of values) expect(check(value)).toBeUndefined();
  });

  it.each([
    [checkDeviceId, "", "the device id is empty"],
    [checkDeviceId, "a b", '"a b" is not a device id: a space is not allowed'],
    [checkDeviceId, "a/b.c", "\"a/b.c\" is not a device id: '/', '.' are not allowed"],
    [checkDeviceId, "å", "\"å\" is not a device id: 'å' is not allowed"],
    [checkDeviceId, "a\n", '"a\\n" is not a device id: a line break is not allowed'],
    [
      checkDeviceId,
      "!$%&()=",
      "\"!$%&()=\" is not a device id: '!', '$', '%', '&', '(', more are not allowed",
    ],
    [checkTag, "", "a tag is empty"],
    [checkTag, "a,b", "\"a,b\" is not a tag: ',' is not allowed"],
    [checkTag, "a/b", "\"a/b\" is not a tag: '/' is not allowed"],
    [checkProvisioningTag, "", "a provisioning tag is empty"],
    [checkProvisioningTag, "a,b", "\"a,b\" is not a provisioning tag: ',' is not allowed"],
    [checkProvisioningTag, "2dn3hQFQUDYxVDkxRPCAIhIb", "a provisioning tag contains an attestation token"],
    [checkSubType, "a b", '"a b" is not a sub-type: a space is not allowed'],
    [checkSubType, "s".repeat(800), "the sub-type has 800 characters, at most 799 are allowed"],
    [checkFirmwareType, "SMP", '"SMP" is not a firmware type'],
    [checkName, "", "the name is empty"],
    [checkName, "a\u0007", '"a\\u0007" is not a name: it has a control character'],
  ])("refuse with the reason (%#)", (check, value, message) => {
    expect(check(value)?.message).toBe(message);
  });

  it("a firmware type in lower case is refused with its spelling", () => {
    expect(checkFirmwareType("app")?.fix).toBe("write APP");
  });

  it("a quoted value is cut, escaped, and never shows a private key or attestation token", () => {
    expect(quote("a".repeat(200))).toHaveLength(62);
    expect(quote("\u001b[31m")).toBe('"\\u001b[31m"');
    // What a terminal takes for an escape too, and what would turn the text of a preview around.
    expect(quote("\u009b31m\u007f\u202e")).toBe('"\\u009b31m\\u007f\\u202e"');
    expect(quote("-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0")).toBe("(private key, not shown)");
    expect(quote("x 2dn3hQFQUDYxVDkxRPCAIhIb")).toBe("(attestation token, not shown)");
  });
});
