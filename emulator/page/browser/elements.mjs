// Builds the document. Text from outside is added as text, never as HTML.

/**
 * The element of an id.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${id}.`);
}

/**
 * A new element with texts and elements in it.
 * @param {string} tag
 * @param {string} className
 * @param {...(string | Node)} content
 */
export function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

/**
 * @param {string} id
 * @param {string} text
 */
export function write(id, text) {
  const place = element(id, HTMLElement);
  // Do not touch unchanged text: the reader may have selected it, and a screen reader announces each change.
  if (place.textContent !== text) place.textContent = text;
}

/**
 * @param {string} id
 * @param {boolean} isShown
 */
export function show(id, isShown) {
  element(id, HTMLElement).hidden = !isShown;
}

/**
 * Updates the rows of a table or list from items. The row of an unchanged item remains the same element.
 * @template Item
 * @param {string} id
 * @param {(item: Item) => HTMLElement} row
 * @returns {(items: readonly Item[]) => void}
 */
export function rows(id, row) {
  const place = element(id, HTMLElement);
  /** @type {Map<string, HTMLElement>} */
  let present = new Map();
  return (items) => {
    /** @type {Map<string, HTMLElement>} */
    const next = new Map();
    for (const [index, item] of items.entries()) {
      const text = JSON.stringify(item);
      // Two items may be alike.
      const key = next.has(text) ? `${index} ${text}` : text;
      next.set(key, present.get(key) ?? row(item));
    }
    const isSame =
      next.size === present.size &&
      [...next.keys()].every((key, index) => key === [...present.keys()][index]);
    if (!isSame) place.replaceChildren(...next.values());
    present = next;
  };
}
