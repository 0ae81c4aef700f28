// Named in the state of every stack that has such a resource: this path must never change.
import { dynamicProvider } from "../engine/host.js";
import { attestationClaim } from "../lifecycle/attestationClaim.js";
import { hosted } from "./session.js";

export = dynamicProvider(attestationClaim, hosted);
