// What each section shows of the overview.

import { make, rows, show, write } from "./elements.mjs";
import { claimWord, counted, day, jobWord, number, statusWord, time } from "./words.mjs";

/** @import { Overview } from "../overview.js" */

/** @param {readonly string[]} all */
const tags = (all) => make("td", "tags", ...all.map((tag) => make("span", "tag", tag)));

/**
 * An id, and another name that people gave it.
 * @param {string} id
 * @param {string} [name]
 */
function named(id, name = id) {
  const cell = make("th", "id", id);
  cell.setAttribute("scope", "row");
  if (name !== id) cell.append(make("span", "quiet name", name));
  return cell;
}

/** @param {Overview["devices"]["items"][number]} device */
function deviceRow({ id, name, subType = "", tags: all, certificateEnds, connection }) {
  const state =
    connection === undefined
      ? make("td", "off", "not connected")
      : make("td", "on", "connected", make("span", "quiet", ` since ${time(connection.since)}`));
  if (connection !== undefined) state.title = `${counted(connection.messages, "message")} from the device`;
  const ends = certificateEnds === undefined ? "no certificate" : day(certificateEnds);
  return make(
    "tr",
    "",
    named(id, name),
    state,
    tags(all),
    make("td", "quiet", subType),
    make("td", "quiet", ends),
  );
}

/** @param {Overview["claims"]["items"][number]} claim */
function claimRow({ id, proof, state, tags: all, isConnected }) {
  const word = make(
    "td",
    isConnected ? "on" : "off",
    isConnected ? `connected, ${claimWord(state)}` : claimWord(state),
  );
  return make("tr", "", named(id), word, tags(all), make("td", "quiet", proof));
}

/** @param {Overview["jobs"]["items"][number]} job */
function jobRow({ endpoint, status, requestedAt, rows: done, refused, reasons }) {
  const [word, className] = statusWord(status);
  const refusals = refused === 0 ? "" : `, ${number(refused)} refused`;
  return make(
    "li",
    "",
    make("span", `badge ${className}`, word),
    make("span", "", `${jobWord(endpoint)}: ${counted(done, "row")}${refusals}`),
    make("span", "quiet when", time(requestedAt)),
    ...reasons.map((reason) => make("p", "quiet reason", reason)),
  );
}

/** @param {Overview["requests"]["items"][number]} request */
function requestRow({ at, method, path, operation, status, milliseconds }) {
  const isBad = status === undefined || status >= 400;
  return make(
    "tr",
    "",
    make("td", "quiet", time(at)),
    make(
      "td",
      "path",
      make("strong", "", method),
      ` ${path}`,
      make("span", "quiet operation", operation ?? ""),
    ),
    make("td", isBad ? "bad" : "good", status === undefined ? "closed" : String(status)),
    make("td", "quiet number", number(milliseconds)),
  );
}

/** @param {Overview["refusals"][number]} refusal */
function refusalRow({ at, commonName = "no device", reason }) {
  return make(
    "li",
    "",
    make("strong", "id", commonName),
    make("span", "", reason),
    make("span", "quiet when", time(at)),
  );
}

/** @param {Overview["faults"][number]} fault */
function faultRow({ kind, details, operations, probability, times, considered, fired }) {
  const limit = times === undefined ? "" : `, ${counted(times, "time")} at most`;
  const where = operations.length === 0 ? "every operation that can have it" : operations.join(", ");
  return make(
    "li",
    "",
    make("strong", "id", kind),
    make("span", "", [...details, `${number(probability * 100)} %${limit}`].join(", ")),
    make("span", "quiet when", `fired ${number(fired)} of ${number(considered)}`),
    make("p", "quiet reason", where),
  );
}

/**
 * @param {number} shown
 * @param {number} all
 * @param {string} none
 */
const latest = (shown, all, none) =>
  all === 0 ? none : shown < all ? `The latest ${number(shown)} of ${number(all)}.` : "";

/**
 * @param {object} choice
 * @param {() => boolean} choice.isWhole
 * @param {() => number} choice.before
 * @returns {(overview: Overview) => void}
 */
export function sections({ isWhole, before }) {
  const deviceRows = rows("device-rows", deviceRow);
  const claimRows = rows("claim-rows", claimRow);
  const jobRows = rows("job-rows", jobRow);
  const requestRows = rows("request-rows", requestRow);
  const refusalRows = rows("refusal-rows", refusalRow);
  const faultRows = rows("fault-rows", faultRow);

  /** @param {Overview["devices"]} devices */
  const whichDevices = ({ all, items, pageNextToken }) => {
    if (all === 0) return "No devices yet.";
    if (items.length === 0) return `None of ${counted(all, "device")} matches.`;
    const range = `${number(before() + 1)} to ${number(before() + items.length)}`;
    if (isWhole()) return `${range} of ${number(all)}`;
    return pageNextToken === undefined && before() === 0
      ? `${number(items.length)} of ${counted(all, "device")}`
      : `${range} of those that match`;
  };

  return ({ mqtt, devices, claims, jobs, requests, refusals, faults }) => {
    write("rest", `${location.origin}/v1`);
    write("mqtt", mqtt ?? "");
    show("mqtt-line", mqtt !== undefined);
    write("count-devices", number(devices.all));
    write("count-connected", number(devices.connected));
    write("count-claims", number(claims.all));
    write("count-jobs", number(jobs.all));
    write("count-requests", number(requests.all));

    deviceRows(devices.items);
    write("device-status", whichDevices(devices));
    claimRows(claims.items);
    write("claim-status", latest(claims.items.length, claims.all, "No claims."));
    jobRows(jobs.items);
    write("job-status", latest(jobs.items.length, jobs.all, "No bulk jobs."));
    requestRows(requests.items);
    write("request-status", latest(requests.items.length, requests.all, "No requests yet."));
    refusalRows(refusals);
    show("refusals-section", refusals.length > 0);
    faultRows(faults);
    write("fault-status", faults.length === 0 ? "No faults are switched on." : "");
    write(
      "faulty",
      `The emulator has ${counted(faults.length, "fault")} switched on. Requests may fail on purpose.`,
    );
    show("faulty", faults.length > 0);
  };
}
