import { Command } from "commander";
import { fetchClaimedDevice } from "../../provider/cloud/claimedDevices.js";
import { fetchDevice } from "../../provider/cloud/devices.js";
import { escaped } from "../../provider/engine/escaped.js";
import { describeCertificate } from "../../provider/pki/certificate.js";
import { firstCertificate } from "../../provider/pki/pem.js";
import { connectIfConfigured, type Connection } from "../cloud.js";
import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { hiddenConfig } from "../report/secrets.js";
import { caKeyText } from "../state/caKey.js";
import { casIn, issuerOf, summaryOf } from "../state/cas.js";
import { exportState } from "../state/export.js";
import { configurations, settingText } from "../status/configuration.js";
import { devicesIn, type ManagedDevice } from "../status/devices.js";
import { rotationLines, rotationReports } from "../status/rotation.js";
import { columns, deviceJson, CONDITIONS, WAYS } from "../status/words.js";
import { print } from "../terminal.js";
import { withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly json?: true;
}

/** `nrfcloud-fleet show`: one device, as the state has it and as the account has it now. */
export function showCommand(): Command {
  return withTarget(new Command("show"))
    .description("Show one device: its state, its certificate, and what the account has now.")
    .argument("<id>", "id of the device")
    .option("--json", "print JSON")
    .action((id: string, options: Options) => withExpectedErrors(() => show(id, options)));
}

async function show(id: string, options: Options): Promise<void> {
  const state = await exportState(targetOf(options));
  const device = devicesIn(state).find((each) => each.id === id);
  if (device === undefined) {
    throw new CommandError(
      `The stack has no device ${JSON.stringify(id)}. \`nrfcloud-fleet list\` shows its devices.`,
    );
  }
  const certificate = certificateOf(device);
  const issuer = device.certificate && issuerOf(firstCertificate(device.certificate), casIn(state));
  const ca = issuer && summaryOf(issuer);
  const connection = await connectIfConfigured();
  const account = await inAccount(connection, device);
  const [configured] = connection === undefined ? [] : await configurations(connection.transport, [device]);
  const [report] = connection === undefined ? [] : await rotationReports(connection.transport, [device]);
  if (options.json === true) {
    const configuration = configured?.settings;
    const reported = report && { last: report.last, isSince: report.isSince };
    print(
      JSON.stringify(
        { ...deviceJson(device), certificate, ca, account, configuration, reported },
        undefined,
        2,
      ),
    );
    return;
  }
  const lines: (readonly [title: string, text: string | undefined])[] = [
    ["Device", device.id],
    ["Status", CONDITIONS[device.condition]],
    ["Reason", device.reason],
    ["Resource", device.resource],
    ["Way in", device.way && WAYS[device.way]],
    ["Name", device.name],
    ["Sub-type", device.subType],
    ["Tags", device.tags.join(", ")],
    ["Configuration", device.config === undefined ? undefined : hiddenConfig(device.config)],
    ["Created", device.createdAt],
    ["Retired", device.retiredAt],
    ["Deleted", device.deletedAt],
    ["Certificate", certificate === undefined ? undefined : `serial number ${certificate.serialNumber}`],
    ["  from", certificate?.notBefore],
    ["  until", certificate?.notAfter ?? device.validUntil],
    ["  SHA-256", certificate?.fingerprint],
    ["  CA", ca && escaped(ca.name)],
    ["  CA's key", ca && caKeyText(ca.key)],
    ...rotationLines(device, report),
    ...accountLines(account),
    ...(configured?.settings ?? []).map(
      (setting, i) => [i === 0 ? "  shadow" : "", settingText(setting)] as const,
    ),
  ];
  print(columns(lines.flatMap(([title, text = ""]) => (text === "" ? [] : [[title, text]]))));
}

function certificateOf({ certificate }: ManagedDevice) {
  if (certificate === undefined) return undefined;
  const { serialNumber, notBefore, notAfter, fingerprint } = describeCertificate(
    firstCertificate(certificate),
  );
  return { serialNumber, notBefore, notAfter, fingerprint };
}

/** What the account has of a device now. */
interface InAccount {
  readonly name?: string | undefined;
  readonly subType?: string | undefined;
  readonly tags: readonly string[];
  readonly createdAt: string | undefined;
}

async function inAccount(
  connection: Connection | undefined,
  { id, way }: ManagedDevice,
): Promise<InAccount | "absent" | undefined> {
  if (connection === undefined) return undefined;
  if (way === "attestation") {
    if (connection.identity === undefined) return undefined;
    const claim = await fetchClaimedDevice(connection.identity, id);
    return claim === undefined ? "absent" : { tags: claim.tags ?? [], createdAt: claim.claimedAt };
  }
  const device = await fetchDevice(connection.transport, id);
  if (device === undefined) return "absent";
  const { name, subType, tags = [], $meta } = device;
  return { name, subType, tags, createdAt: $meta?.createdAt };
}

function accountLines(account: InAccount | "absent" | undefined): [string, string | undefined][] {
  if (account === undefined) return [["Account", "not read: NRF_CLOUD_API_KEY is not set"]];
  if (account === "absent") return [["Account", "does not show this device to the API key"]];
  return [
    ["Account", "has this device"],
    ["  name", account.name],
    ["  sub-type", account.subType],
    ["  tags", account.tags.join(", ")],
    ["  created", account.createdAt],
  ];
}
