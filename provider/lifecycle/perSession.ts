import type { Session } from "./session.js";

/** One of something a session, made when first asked for. */
export function perSession<T>(make: (open: Session) => T): (open: Session) => T {
  const made = new WeakMap<Session, T>();
  return (open) => {
    const known = made.get(open) ?? make(open);
    made.set(open, known);
    return known;
  };
}
