import type { ConfigReader } from "../../provider/engine/host.js";
import { entry, textEntry } from "../json.js";
import { pulumiOutput, type Target } from "./target.js";

/** The configuration of a stack (`pulumi config`) without its secrets. @throws CommandError as `pulumiOutput` */
export async function stackConfig(target: Target): Promise<ConfigReader> {
  const values: unknown = JSON.parse(await pulumiOutput(target, ["config", "--json"]));
  return (key) => textEntry(entry(values, key), "value");
}
