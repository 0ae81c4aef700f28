// Named in the state of every stack that has such a resource: this path must never change.
import { dynamicProvider } from "../engine/host.js";
import { deviceCertificate } from "../lifecycle/deviceCertificate.js";
import { hosted } from "./session.js";

export = dynamicProvider(deviceCertificate, hosted);
