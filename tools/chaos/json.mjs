// Looks into what others wrote as JSON.

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}  Empty where the value is no object.
 */
export function objectOf(value) {
  return typeof value === "object" && value !== null ? /** @type {Record<string, unknown>} */ (value) : {};
}

/**
 * @param {unknown} value
 * @returns {unknown[]}  Empty where the value is no list.
 */
export function listOf(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * @param {unknown} value
 * @returns {string[]}  Its texts, where it is a list.
 */
export function textsOf(value) {
  return listOf(value).filter((item) => typeof item === "string");
}

/**
 * @param {unknown} value
 * @returns {string | undefined}
 */
export function textOf(value) {
  return typeof value === "string" ? value : undefined;
}

/**
 * @param {string} text
 * @returns {unknown}
 */
export function parse(text) {
  return JSON.parse(text);
}
