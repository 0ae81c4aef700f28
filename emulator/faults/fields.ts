/** The longest time that a plan can name, in milliseconds: a day. */
export const maximalMs = 24 * 3600 * 1000;

interface Range {
  readonly from: number;
  readonly to: number;
  /** Default: whole numbers only. */
  readonly fractions?: boolean;
}

/** Times in milliseconds that lie ahead or behind, by what they are used for. */
export const duration: Range = { from: 0, to: maximalMs };
export const share: Range = { from: 0, to: 1, fractions: true };

/**
 * Reads the fields of a JSON object, and notes what is wrong with them rather than stopping at the first problem. What a
 * wrong field gives is of the right type and of no meaning: nobody may use it once there are problems.
 */
export class Fields {
  private readonly read = new Set<string>();

  constructor(
    private readonly source: Readonly<Record<string, unknown>>,
    /** Where the object is, such as `rules[0].fault`. */
    private readonly place: string,
    readonly problems: string[],
  ) {}

  /** A field as it is; undefined if it is absent. */
  value(name: string): unknown {
    this.read.add(name);
    return this.source[name];
  }

  number(name: string, range: Range): number {
    const value = this.value(name);
    if (isIn(range, value)) return value;
    return this.wrong(name, `must be ${described(range)}`, range.from);
  }

  optionalNumber(name: string, range: Range): number | undefined {
    return this.value(name) === undefined ? undefined : this.number(name, range);
  }

  /** A number, or two of them: the least and the greatest. */
  spread(name: string, range: Range): number | readonly [number, number] {
    const value = this.value(name);
    if (!Array.isArray(value)) return this.number(name, range);
    const [from, to, ...others]: readonly unknown[] = value.map((bound: unknown) => bound);
    if (isIn(range, from) && isIn(range, to) && from <= to && others.length === 0) return [from, to];
    return this.wrong(
      name,
      `must be ${described(range)}, or two of them with the smaller one first`,
      range.from,
    );
  }

  choice<Value extends string | number>(name: string, values: readonly [Value, ...Value[]]): Value {
    const value = this.value(name);
    const found = values.find((candidate) => candidate === value);
    return found ?? this.wrong(name, `must be one of ${values.join(", ")}`, values[0]);
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value;
    this.note(name, "must be true or false");
    return undefined;
  }

  /** Notes a problem with a field, and gives what to go on with. */
  wrong<Value>(name: string, problem: string, instead: Value): Value {
    this.note(name, problem);
    return instead;
  }

  /** Notes a problem with a field. */
  note(name: string, problem: string): void {
    this.problems.push(`${this.at(name)} ${problem}`);
  }

  /** Notes the fields that nobody has asked for. */
  refuseOthers(): void {
    for (const name of Object.keys(this.source)) {
      if (!this.read.has(name)) this.note(name, "is not known");
    }
  }

  /** Where a field is. */
  at(name: string): string {
    return this.place === "" ? name : `${this.place}.${name}`;
  }
}

const isIn = ({ from, to, fractions = false }: Range, value: unknown): value is number =>
  typeof value === "number" && value >= from && value <= to && (fractions || Number.isInteger(value));

const described = ({ from, to, fractions = false }: Range) =>
  `a ${fractions ? "number" : "whole number"} from ${from} to ${to}`;
