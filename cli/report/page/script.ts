import type { PageData, PageRow } from "./data.js";

/**
 * The script of the HTML page. Its text is put into the page as it is compiled, so it may use nothing from outside
 * itself. All texts go into the document as text, never as HTML.
 */
export function page(): void {
  /** Rows that are added at once; thousands in one go would make the page wait. */
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
  const texts = data.rows.map((row) =>
    [
      row.id,
      row.name ?? "",
      data.kinds[row.kind] ?? "",
      ...row.fields.flatMap(([field, before, after]) => [field, before, after]),
      ...row.notes,
    ]
      .join("\n")
      .toLowerCase(),
  );

  const chosen = new Set<number>();
  /** Narrows the list to what one danger or one group is about. */
  let narrowed: { readonly label: string; readonly has: (row: PageRow) => boolean } | undefined;
  let found: readonly PageRow[] = [];
  let shown = 0;

  const fieldsShortly = ({ fields, action }: PageRow): string => {
    const [, className] = data.actions[action] ?? ["", ""];
    if (["delete", "forget", "vanish", "read"].includes(className)) return "";
    return fields
      .slice(0, 4)
      .map(([field, before, after, alone]) =>
        className === "create" || alone === true
          ? `${field} ${after ?? before ?? ""}`
          : `${field} ${before ?? "none"} → ${after ?? "none"}`,
      )
      .join(" · ");
  };

  const detailsOf = (row: PageRow): HTMLElement => {
    const body = make("div", "body");
    for (const note of row.notes) body.append(make("p", "note", note));
    if (row.name !== undefined) body.append(make("p", "quiet", `In the program: ${row.name}`));
    if (row.fields.length === 0) body.append(make("p", "quiet", "No declared property differs."));
    else {
      const table = make("table", "fields");
      const head = make("tr", "");
      for (const title of ["Property", "Before", "After"]) head.append(make("th", "", title));
      table.append(head);
      for (const [field, before, after] of row.fields) {
        const line = make("tr", "");
        line.append(
          make("th", "", field),
          make("td", before === null ? "none" : "before", before ?? "–"),
          make("td", after === null ? "none" : "after", after ?? "–"),
        );
        table.append(line);
      }
      body.append(table);
    }
    return body;
  };

  const rowOf = (row: PageRow): HTMLElement => {
    const [word, className] = data.actions[row.action] ?? ["", ""];
    const details = document.createElement("details");
    const summary = make("summary", row.dangers.length > 0 ? "danger" : "");
    summary.append(
      make("span", `badge ${className}`, word),
      make("span", "id", row.id),
      make("span", "quiet", data.kinds[row.kind] ?? ""),
      make("span", "short", fieldsShortly(row)),
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

  const apply = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = data.rows.filter(
      (row, i) =>
        (chosen.size === 0 || chosen.has(row.action)) &&
        (kind.value === "" || row.kind === Number(kind.value)) &&
        (!dangerOnly.checked || row.dangers.length > 0) &&
        (narrowed === undefined || narrowed.has(row)) &&
        words.every((word) => texts[i]?.includes(word)),
    );
    only.hidden = narrowed === undefined;
    only.textContent = narrowed === undefined ? "" : `Only: ${narrowed.label} ✕`;
    status.textContent =
      found.length === data.rows.length
        ? `${count(data.rows.length)} changes`
        : `${count(found.length)} of ${count(data.rows.length)} changes`;
    list.replaceChildren();
    shown = 0;
    addRows();
  };

  const narrowBy = (button: HTMLButtonElement): void => {
    const { danger, group, label = "" } = button.dataset;
    narrowed = {
      label,
      has: (row) =>
        danger === undefined ? row.group === Number(group) : row.dangers.includes(Number(danger)),
    };
    apply();
    only.focus();
    only.scrollIntoView({ block: "center" });
  };

  search.addEventListener("input", apply);
  kind.addEventListener("change", apply);
  dangerOnly.addEventListener("change", apply);
  more.addEventListener("click", addRows);
  only.addEventListener("click", () => {
    narrowed = undefined;
    apply();
    search.focus();
  });
  for (const button of actionButtons) {
    button.addEventListener("click", () => {
      const action = Number(button.dataset.action);
      if (!chosen.delete(action)) chosen.add(action);
      button.setAttribute("aria-pressed", String(chosen.has(action)));
      apply();
    });
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-label]")) {
    button.addEventListener("click", () => {
      narrowBy(button);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      apply();
    }
  });
  new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting) && !more.hidden) addRows();
  }).observe(more);
  apply();
}
