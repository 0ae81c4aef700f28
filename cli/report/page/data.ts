/** What the HTML page is given to show. Texts are as they are; the page never reads them as HTML. */
export interface PageData {
  readonly kinds: readonly PageKind[];
  readonly rows: readonly PageRow[];
}

export interface PageKind {
  /** By which the address of the page names it. */
  readonly type: string;
  readonly one: string;
  /** What becomes of such a thing, by action. */
  readonly verbs: Readonly<Record<string, string>>;
}

/** A change. Numbers are places in lists: of kinds, of dangers and of groups. */
export interface PageRow {
  readonly action: string;
  readonly kind: number;
  readonly id: string;
  /** Name of the resource in the program, where it is not the id. */
  readonly name?: string;
  /** `[field, before, after]`; null where there is nothing. With `true`: the one value stands for itself. */
  readonly fields: readonly PageField[];
  /** Why it will be replaced, and what else there is to say. */
  readonly notes: readonly string[];
  readonly dangers: readonly number[];
  readonly group: number;
}

export type PageField =
  | readonly [field: string, before: string | null, after: string | null]
  | readonly [field: string, before: string | null, after: string | null, alone: true];
