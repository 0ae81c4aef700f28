import { X509Certificate } from "node:crypto";
import type { Cloud } from "../cloud.js";
import { certificateOf } from "../devices/credential.js";
import { badRequest, entityNotFound, planLimitExceeded } from "../errors.js";
import { isRecord } from "../http/json.js";
import type { Claim } from "./claim.js";
import { newCommand, type Command } from "./command.js";
import { keygenOutput } from "./keygen.js";
import type { ProvisioningRule } from "./provisioningRule.js";

/** A rule with this tag onboards the devices that are claimed with it. */
const onboardingTag = "nrf-cloud-onboarding";

/** The credentials of a device that was onboarded over the air. */
export interface OnboardedDevice {
  readonly clientCert: string;
  readonly privateKey: string;
}

/**
 * A claimed device connects: it receives the commands of the rules for its tags, and executes them. If a rule says so, nRF Cloud
 * onboards it under its UUID.
 *
 * @returns the device's new credentials if this onboarded it, or if it was ordered to make a new key; they are kept nowhere else
 */
export function connectClaimedDevice(cloud: Cloud, deviceId: string): OnboardedDevice | undefined {
  const { identity } = cloud;
  const claim = identity.claims.get(deviceId);
  if (claim === undefined)
    throw entityNotFound(`No team claimed the device ${deviceId}, so it gets no commands.`);
  const rules = [...identity.rules.values()].filter((rule) => appliesTo(rule, claim));
  const onboarded =
    awaitsCredentials(cloud, claim) ||
    rules.some(({ tags }) => tags.includes(onboardingTag) && claim.tags.includes(onboardingTag))
      ? onboard(cloud, claim)
      : undefined;
  const renewed = onboarded === undefined && claim.commands.some(ordersKey) ? renew(cloud, claim) : undefined;
  const newRules = rules.filter(({ id }) => !claim.appliedRules.includes(id));
  const commands = [...claim.commands, ...newRules.flatMap((rule) => rule.commands.map(newCommand))];
  identity.claims.set(deviceId, {
    ...claim,
    commands: commands.map((command) => done(cloud, deviceId, command)),
    appliedRules: [...claim.appliedRules, ...newRules.map(({ id }) => id)],
  });
  return onboarded ?? renewed;
}

const ordersKey = ({ status, request }: Command) =>
  status === "PENDING" && Object.hasOwn(request, "cloudAccessKeyGeneration");

/** An onboarded device makes a new key, and its new certificate replaces the present one. */
function renew(cloud: Cloud, claim: Claim) {
  return cloud.registry.latest(claim.deviceId)?.tenantId === claim.tenantId
    ? certify(cloud, claim)
    : undefined;
}

/** Issues a certificate for a device with a new key, and registers it. */
function certify({ credentials, authority }: Cloud, { deviceId, tenantId }: Claim) {
  const { certificate, privateKey } = authority.issueDevice(deviceId);
  const registered = certificateOf(new X509Certificate(certificate));
  credentials.put(deviceId, {
    tenantId,
    certificate: registered,
    certifiedAt: Date.now(),
    publicKey: registered.publicKey,
  });
  return { clientCert: certificate, privateKey };
}

/** Whether a device was created by its organization, which leaves its credentials to this service. */
const awaitsCredentials = ({ registry, credentials }: Cloud, { deviceId, tenantId }: Claim) =>
  registry.latest(deviceId)?.tenantId === tenantId && credentials.of(deviceId) === undefined;

const appliesTo = (rule: ProvisioningRule, claim: Claim) =>
  rule.active && rule.tenantId === claim.tenantId && rule.tags.some((tag) => claim.tags.includes(tag));

function done({ identity }: Cloud, deviceId: string, command: Command): Command {
  if (command.status !== "PENDING") return command;
  const [kind = ""] = Object.keys(command.request);
  const answer =
    kind === "certificateSigningRequest"
      ? { message: keygenOutput(identity.keys, deviceId, csrOrder(command.request[kind])) }
      : {};
  return { ...command, status: "SUCCEEDED", response: { [kind]: answer } };
}

function csrOrder(fields: unknown) {
  const { secTag, attributes, keyUsage } = isRecord(fields) ? fields : {};
  return { secTag: Number(secTag), attributes: String(attributes), keyUsage: String(keyUsage) };
}

function onboard(cloud: Cloud, claim: Claim): OnboardedDevice | undefined {
  const { deviceId, tenantId } = claim;
  const { registry, credentials, settings } = cloud;
  const present = registry.latest(deviceId);
  const isExpected = awaitsCredentials(cloud, claim);
  if (present?.tenantId === tenantId && !isExpected) return undefined;
  if (
    (present !== undefined && !isExpected) ||
    (credentials.of(deviceId)?.tenantId ?? tenantId) !== tenantId
  ) {
    throw badRequest(`The device ${deviceId} is onboarded by another team.`);
  }
  if (!isExpected && registry.count(tenantId) >= settings.deviceLimit) {
    throw planLimitExceeded(`The plan's limit of ${settings.deviceLimit} devices is exceeded.`);
  }
  if (!isExpected) {
    registry.create({ id: deviceId, tenantId, subType: undefined, tags: [], firmwareTypes: [] });
  }
  return certify(cloud, claim);
}
