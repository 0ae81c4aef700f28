// Named in the state of every stack that has such a resource: this path must never change.
import { dynamicProvider } from "../engine/provider.js";
import { expectedErrors } from "../lifecycle/expectedErrors.js";
import { deviceCertificate } from "../lifecycle/deviceCertificate.js";

export = dynamicProvider(deviceCertificate, expectedErrors);
