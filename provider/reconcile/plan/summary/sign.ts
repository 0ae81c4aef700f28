/** `+` create, `~` update, `-/+` replace, `-` delete. */
export type Sign = "+" | "~" | "-/+" | "-";
