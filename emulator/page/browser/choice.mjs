// The reader's filters. The address of the page has them, so that a reload shows the same.

import { element, show } from "./elements.mjs";

/** @import { Overview } from "../overview.js" */

const DEVICES_A_PAGE = 25;
/** The pause after typing, before the filter applies. */
const TYPING_MS = 200;

/** @param {() => void} changed  Called when the filters change. */
export function choice(changed) {
  const filter = element("filter", HTMLInputElement);
  const connected = element("connected", HTMLInputElement);
  const team = element("team", HTMLSelectElement);
  const previous = element("previous", HTMLButtonElement);
  const next = element("next", HTMLButtonElement);
  /** The start tokens of the pages up to the present one. @type {string[]} */
  let starts = [];
  /** @type {string | undefined} */
  let following;
  let chosenTeam = "";

  const address = new URL(location.href);
  filter.value = address.searchParams.get("filter") ?? "";
  connected.checked = address.searchParams.get("connected") === "true";
  chosenTeam = address.searchParams.get("team") ?? "";

  /** @type {() => Record<string, string>} */
  const chosen = () => ({
    ...(filter.value.trim() === "" ? {} : { filter: filter.value.trim() }),
    ...(connected.checked ? { connected: "true" } : {}),
    ...(chosenTeam === "" ? {} : { team: chosenTeam }),
  });
  const begin = () => {
    starts = [];
    history.replaceState(
      null,
      "",
      `/?${new URLSearchParams(chosen()).toString()}`.replace(/\?$/, "") + location.hash,
    );
    changed();
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  filter.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(begin, TYPING_MS);
  });
  connected.addEventListener("change", begin);
  team.addEventListener("change", () => {
    chosenTeam = team.value;
    begin();
  });
  filter.form?.addEventListener("submit", (event) => {
    event.preventDefault();
  });
  next.addEventListener("click", () => {
    if (following === undefined) return;
    starts.push(following);
    changed();
  });
  previous.addEventListener("click", () => {
    starts.pop();
    changed();
  });

  return {
    /** The query with the filters. */
    query: () => {
      const start = starts.at(-1);
      const page = {
        pageLimit: String(DEVICES_A_PAGE),
        ...(start === undefined ? {} : { pageNextToken: start }),
      };
      return new URLSearchParams({ ...chosen(), ...page }).toString();
    },
    /** Whether no filter is set. */
    isWhole: () => filter.value.trim() === "" && !connected.checked,
    /** The number of devices on the pages before. */
    before: () => starts.length * DEVICES_A_PAGE,
    /**
     * What there is to choose from now.
     * @param {Overview} overview
     */
    offer({ teams, team: shown, devices }) {
      following = devices.pageNextToken;
      next.disabled = following === undefined;
      previous.disabled = starts.length === 0;
      show("team-line", teams.length > 1);
      const names = teams.map(({ tenantId, name }) => new Option(name, tenantId, false, tenantId === shown));
      if (team.options.length !== names.length) team.replaceChildren(...names);
    },
  };
}
