// What the emulated account holds, as its admin API and its API tell it.

/**
 * @typedef {object} Account
 * @property {() => Promise<{ id: string, tags: string[], subType?: string }[]>} devices
 * @property {() => Promise<{ id: string, tags: string[] }[]>} claims
 * @property {(count: number) => Promise<{ deviceId: string, token: string, row: string }[]>} tokens  Of new devices; a
 *   row as Nordic's gather_attestation_tokens writes it.
 * @property {(deviceIds: string[]) => Promise<void>} online  Claimed devices come online.
 */

/**
 * @param {string} adminUrl
 * @returns {Account}
 */
export function accountAt(adminUrl) {
  return {
    devices: async () => items(await answer(`${adminUrl}/devices`)),
    claims: async () => items(await answer(`${adminUrl}/identity/claims`)),
    tokens: async (count) => {
      const csv = await answer(`${adminUrl}/identity/tokens?format=csv`, { count });
      return csv
        .trimEnd()
        .split("\n")
        .map((row) => {
          const [, deviceId = "", token = ""] = row.split(",");
          return { deviceId, token, row };
        });
    },
    online: async (deviceIds) => {
      await answer(`${adminUrl}/identity/online`, { deviceIds });
    },
  };
}

/** @type {(url: string, body?: object) => Promise<string>} */
async function answer(url, body) {
  const response = await fetch(url, {
    // While a tool runs, this process does not see that the emulator has closed an idle connection.
    headers: { connection: "close" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text;
}

/**
 * @template Item
 * @param {string} text
 * @returns {Item[]}
 */
function items(text) {
  /** @type {{ items: Item[] }} */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- our own emulator's answer
  const page = JSON.parse(text);
  return page.items;
}
