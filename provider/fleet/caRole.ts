/** The two CAs that a table of devices can have: the present one, and the one that is to take its place. */
export type CaRole = "ca" | "nextCa";
