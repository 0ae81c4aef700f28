// The page of the emulator, which shows its state to people.

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
