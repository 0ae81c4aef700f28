/** The data of the HTML page. Texts are not escaped: the page never reads them as HTML. */
export interface PageData {
  readonly kinds: readonly PageKind[];
  readonly rows: readonly PageRow[];
}

export interface PageKind {
  /** The name of the kind in the address of the page. */
  readonly type: string;
  readonly one: string;
  /** The participle of each action, such as `onboarded`. */
  readonly verbs: Readonly<Record<string, string>>;
}

/** A change. Numbers are indices of the lists of kinds, dangers and groups. */
export interface PageRow {
  readonly action: string;
  readonly kind: number;
  readonly id: string;
  /** Name of the resource in the program, if it differs from the id. */
  readonly name?: string;
  /** `[field, before, after]`, with null for no value. With `true`: what was added or removed. */
  readonly fields: readonly PageField[];
  /** Why it will be replaced, and other remarks. */
  readonly notes: readonly string[];
  readonly dangers: readonly number[];
  readonly group: number;
}

export type PageField =
  | readonly [field: string, before: string | null, after: string | null]
  | readonly [field: string, before: string | null, after: string | null, alone: true];
