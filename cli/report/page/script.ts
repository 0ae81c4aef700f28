import type { PageData, PageRow } from "./data.js";

/**
 * The script of the HTML page. The page contains the compiled text of this function, so it may not use anything outside of it. All
 * texts are added to the document as text, never as HTML. The fragment of the address has the filters, so that a link shows the same
 * view, also for a page on disk.
 */
export function page(): void {
  /** The number of rows that are added at once. Thousands at once would block the page. */
  const PAGE = 100;

  const element = <T extends Element>(id: string, type: new () => T): T => {
    const found = document.getElementById(id);
    if (found instanceof type) return found;
    throw new Error(`The page has no ${id}`);
  };
  const make = (tag: string, className: string, text = ""): HTMLElement => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const data = JSON.parse(element("data", HTMLScriptElement).textContent) as PageData;
  const search = element("search", HTMLInputElement);
  const kind = element("kind", HTMLSelectElement);
  const dangerOnly = element("danger-only", HTMLInputElement);
  const only = element("only", HTMLButtonElement);
  const status = element("status", HTMLElement);
  const list = element("list", HTMLElement);
  const more = element("more", HTMLButtonElement);
  const actionButtons = [...document.querySelectorAll<HTMLButtonElement>("button[data-action]")];
  const showButtons = [...document.querySelectorAll<HTMLButtonElement>("button[data-label]")];
  const texts = data.rows.map((row) =>
    [
      row.id,
      row.name ?? "",
      data.kinds[row.kind]?.one ?? "",
      ...row.fields.flatMap(([field, before, after]) => [field, before, after]),
      ...row.notes,
    ]
      .join("\n")
      .toLowerCase(),
  );

  /** The button of the danger or group to which the list is limited. */
  let narrowed: HTMLButtonElement | undefined;
  let found: readonly PageRow[] = [];
  let shown = 0;

  const leaves = (action: string): boolean => ["delete", "forget", "vanish", "read"].includes(action);
  const isPressed = (button: HTMLButtonElement): boolean => button.getAttribute("aria-pressed") === "true";
  /** `danger-1`, `group-3`: counted from 1. */
  const nameOf = ({ dataset: { danger, group } }: HTMLButtonElement): string =>
    danger === undefined ? `group-${Number(group) + 1}` : `danger-${Number(danger) + 1}`;

  const fieldsShortly = ({ fields, action }: PageRow): string => {
    if (leaves(action)) return "";
    return fields
      .slice(0, 4)
      .map(([field, before, after, alone]) =>
        action === "create" || alone === true
          ? `${field} ${after ?? before ?? ""}`
          : `${field} ${before ?? "none"} → ${after ?? "none"}`,
      )
      .join(" · ");
  };

  const fieldsTable = (row: PageRow): HTMLElement => {
    const table = make("table", "fields");
    const head = make("tr", "");
    for (const title of ["Property", "Before", "After"]) {
      const cell = make("th", "", title);
      cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const top = make("thead", "");
    top.append(head);
    const body = make("tbody", "");
    for (const [field, before, after] of row.fields) {
      const line = make("tr", "");
      const name = make("th", "", field);
      name.setAttribute("scope", "row");
      line.append(
        name,
        make("td", before === null ? "none" : "before", before ?? "–"),
        make("td", after === null ? "none" : "after", after ?? "–"),
      );
      body.append(line);
    }
    table.append(top, body);
    return table;
  };

  const detailsOf = (row: PageRow): HTMLElement => {
    const body = make("div", "body");
    for (const note of row.notes) body.append(make("p", "note", note));
    if (row.name !== undefined) body.append(make("p", "quiet", `In the program: ${row.name}`));
    if (row.fields.length === 0) body.append(make("p", "quiet", "No declared property differs."));
    else body.append(fieldsTable(row));
    return body;
  };

  const rowOf = (row: PageRow): HTMLElement => {
    const { one = "", verbs = {} } = data.kinds[row.kind] ?? {};
    const details = document.createElement("details");
    const summary = make("summary", row.dangers.length > 0 ? "danger" : "");
    summary.append(
      make("span", `badge ${row.action}`, verbs[row.action] ?? row.action),
      make("span", "id", row.id),
      make("span", "quiet", one),
      make("span", "shortly", fieldsShortly(row)),
    );
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(detailsOf(row));
    });
    return details;
  };

  const addRows = (): void => {
    const next = found.slice(shown, shown + PAGE);
    list.append(...next.map(rowOf));
    shown += next.length;
    more.hidden = shown >= found.length;
  };

  const count = (value: number): string => value.toLocaleString("en-US");

  const isNarrowedTo = (row: PageRow): boolean => {
    if (narrowed === undefined) return true;
    const { danger, group } = narrowed.dataset;
    return danger === undefined ? row.group === Number(group) : row.dangers.includes(Number(danger));
  };

  const apply = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = actionButtons.filter(isPressed).map(({ dataset }) => dataset.action);
    found = data.rows.filter(
      (row, i) =>
        (actions.length === 0 || actions.includes(row.action)) &&
        (kind.value === "" || data.kinds[row.kind]?.type === kind.value) &&
        (!dangerOnly.checked || row.dangers.length > 0) &&
        isNarrowedTo(row) &&
        words.every((word) => texts[i]?.includes(word)),
    );
    only.hidden = narrowed === undefined;
    only.textContent = narrowed === undefined ? "" : `Only: ${narrowed.dataset.label ?? ""} ✕`;
    status.textContent =
      found.length === data.rows.length
        ? `${count(data.rows.length)} ${data.rows.length === 1 ? "change" : "changes"}`
        : `${count(found.length)} of ${count(data.rows.length)} changes`;
    list.replaceChildren();
    shown = 0;
    addRows();
  };

  /** Writes the filters to the address; an empty fragment without filters. */
  const remember = (): void => {
    const view = new URLSearchParams();
    if (search.value !== "") view.set("search", search.value);
    for (const button of actionButtons.filter(isPressed)) view.append("action", button.dataset.action ?? "");
    if (kind.value !== "") view.set("kind", kind.value);
    if (dangerOnly.checked) view.set("danger", "only");
    if (narrowed !== undefined) view.set("show", nameOf(narrowed));
    history.replaceState(null, "", `#${view.toString()}`);
  };

  /** Sets the filters from the address, without those that the report does not have. */
  const recall = (): void => {
    const view = new URLSearchParams(location.hash.slice(1));
    const actions = view.getAll("action");
    search.value = view.get("search") ?? "";
    for (const button of actionButtons)
      button.setAttribute("aria-pressed", String(actions.includes(button.dataset.action ?? "")));
    const type = view.get("kind") ?? "";
    kind.value = data.kinds.some((each) => each.type === type) ? type : "";
    dangerOnly.checked = view.get("danger") === "only";
    narrowed = showButtons.find((button) => nameOf(button) === view.get("show"));
    apply();
  };

  const changed = (): void => {
    apply();
    remember();
  };

  search.addEventListener("input", changed);
  kind.addEventListener("change", changed);
  dangerOnly.addEventListener("change", changed);
  more.addEventListener("click", addRows);
  only.addEventListener("click", () => {
    narrowed = undefined;
    changed();
    search.focus();
  });
  for (const button of actionButtons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!isPressed(button)));
      changed();
    });
  }
  for (const button of showButtons) {
    button.addEventListener("click", () => {
      narrowed = button;
      changed();
      only.focus();
      only.scrollIntoView({ block: "center" });
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      changed();
    }
  });
  window.addEventListener("hashchange", recall);
  new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting) && !more.hidden) addRows();
  }).observe(more);
  recall();
  // Show the list at once if the address has filters.
  if (location.hash.length > 1) status.scrollIntoView({ block: "center" });
}
