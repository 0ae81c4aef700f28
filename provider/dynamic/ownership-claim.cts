// Named in the state of every stack that has such a resource: this path must never change.
import { dynamicProvider } from "../engine/host.js";
import { ownershipClaim } from "../lifecycle/ownershipClaim.js";
import { hosted } from "./session.js";

export = dynamicProvider(ownershipClaim, hosted);
