/** The rows of a device set, as a program declares them. */
import type * as pulumi from "@pulumi/pulumi";
import type { FirmwareType } from "../fleet/rules.js";
import type { KeyRotationArgs, RotationArgs } from "./rotation.js";

/**
 * One device of a set. Its values are plain, or outputs of other resources. `via` says how the device is added to the account.
 */
export type DeviceRow = PreconnectDevice | JitpDevice | AttestedDevice;

interface CommonRow {
  /** Tags, which nRF Cloud calls device groups. For a device with an attestation token: its provisioning tags. At most 100. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /**
   * The desired configuration in the device's shadow: settings of your firmware, as a JSON object. Keys that you don't declare are never touched. A key
   * that you remove is removed from the shadow. Not for secrets.
   * @defaultValue nothing is set
   */
  readonly config?: pulumi.Input<object>;
  /**
   * Whether to refuse every operation that would delete, replace or release the device.
   * @defaultValue `false`
   */
  readonly protect?: boolean;
  /**
   * `"retired"` gives the device the tag `retired`, keeps it in the account for `keepFor`, and then deletes or releases it. Until then its row
   * can't be removed. See [rollout.md](../rollout.md#retire-devices).
   * @defaultValue `"active"`
   */
  readonly state?: "active" | "retired";
  /**
   * How long a retired device is kept: a number followed by `h`, `d`, `w` or `y`.
   * @defaultValue `"30d"`
   */
  readonly keepFor?: string;
}

/** A device that the provider onboards before it connects (OnboardDevices). */
export interface PreconnectDevice extends CommonRow {
  /**
   * How the device is added to the account.
   * @defaultValue `"preconnect"`
   */
  readonly via?: "preconnect";
  /**
   * Your own class of devices: at most 799 letters, digits and `_ . , @ / : # -`. One that contains `gateway` makes a gateway. A change replaces
   * the device.
   */
  readonly subType?: pulumi.Input<string>;
  /** What a firmware update (FOTA) may replace on the device. A change replaces the device. */
  readonly firmwareTypes?: pulumi.Input<readonly pulumi.Input<FirmwareType>[]>;
  /**
   * The display name, 1 to 128 characters.
   * @defaultValue the device id
   */
  readonly name?: pulumi.Input<string>;
  /**
   * How the device proves its identity.
   * @defaultValue a new key, and a certificate that the CA of the set signs
   */
  readonly credential?: RowCredentialArgs;
  /**
   * The generation of its key and certificate that the device is to have ([rotation](../rotation.md)). Not for a device that brings its
   * certificate or public key.
   * @defaultValue the first generation
   */
  readonly rotation?: RotationArgs;
  /**
   * Whether to adopt a device that the account has already. `true` keeps its certificate. `"recertify"` issues a new certificate, which
   * the device needs before it can connect again.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean | "recertify";
}

/** How a device of a set proves its identity. Exactly one of these. */
export type RowCredentialArgs =
  /** The device made its key. The CA of the set signs its request. */
  | {
      /** The device's certificate signing request (PEM). */
      readonly csr: pulumi.Input<string>;
    }
  /** You bring the certificate. */
  | {
      /** One ES256 certificate (PEM). Its common name must be the device id. */
      readonly certificate: pulumi.Input<string>;
    }
  /** You bring a bare public key. Such a device uses REST with its own tokens. It can't use MQTT. */
  | {
      /** One EC P-256 public key (PEM). */
      readonly publicKey: pulumi.Input<string>;
    }
  /** An adopted device keeps the credential that it has. */
  | "existing";

/** A just-in-time device, which the provider claims by its ownership code after its first connection (AssociateDevice). */
export interface JitpDevice extends CommonRow {
  /** How the device is added to the account. */
  readonly via: "jitp";
  /** The hardware id, PIN or ownership code. Kept as a secret. */
  readonly ownershipCode: pulumi.Input<string>;
  /**
   * Your own class of devices: at most 799 letters, digits and `_ . , @ / : # -`.
   * @defaultValue what nRF Cloud gives just-in-time devices
   */
  readonly subType?: pulumi.Input<string>;
  /**
   * The display name, 1 to 128 characters.
   * @defaultValue the device id
   */
  readonly name?: pulumi.Input<string>;
  /**
   * Whether nRF Cloud issues the certificate too (CreateDeviceCertificate).
   * @defaultValue `false`: the device has one
   */
  readonly issueCertificate?: boolean;
  /**
   * How many seconds to wait for the first connect, 0 to 3,600.
   * @defaultValue 120 seconds
   */
  readonly wait?: pulumi.Input<number>;
  /**
   * What happens when the device has not connected in that time. `"fail"` is an error. `"allow"` keeps the row as waiting, and each later
   * `pulumi up` retries the claim.
   * @defaultValue `"fail"`
   */
  readonly pending?: "allow" | "fail";
  /**
   * Whether to adopt a device that the team owns already.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean;
}

/** A device that the provider claims by its attestation token (ClaimDeviceOwnership). Its id in the set is its UUID. */
export interface AttestedDevice extends CommonRow {
  /** How the device is added to the account. */
  readonly via: "attestation";
  /** The answer of the device to `AT%ATTESTTOKEN`. Kept as a secret. */
  readonly token: pulumi.Input<string>;
  /**
   * Whether to unclaim the device when its row is removed. nRF Cloud then deletes the device under its UUID too, with its data.
   * @defaultValue `false`: the claim is kept
   */
  readonly unclaimOnDestroy?: boolean;
  /**
   * The generation of its key that the device is to have. A higher one orders it to make another key, by a provisioning command.
   * @defaultValue the first generation
   */
  readonly rotation?: KeyRotationArgs;
  /**
   * Whether to adopt a device that the team has claimed already.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean;
}
