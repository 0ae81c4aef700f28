// Named in the state of every stack that has such a resource: this path must never change.
import { dynamicProvider } from "../engine/provider.js";
import { expectedErrors } from "../lifecycle/expectedErrors.js";
import { fleetGuard } from "../lifecycle/fleetGuard.js";

export = dynamicProvider(fleetGuard, expectedErrors);
