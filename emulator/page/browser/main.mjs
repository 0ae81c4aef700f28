// The page of the emulator: what it knows, for people to look at.

import { choice } from "./choice.mjs";
import { poll } from "./poll.mjs";
import { sections } from "./sections.mjs";

const chosen = choice(() => {
  ask();
});
const drawn = sections(chosen);
const ask = poll(chosen.query, (overview) => {
  chosen.offer(overview);
  drawn(overview);
});
ask();
