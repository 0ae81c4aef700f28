/** The two CAs of a fleet: the present one, and the one that is to replace it. */
export type CaRole = "ca" | "nextCa";
