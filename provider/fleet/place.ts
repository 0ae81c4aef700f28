/** Where a part of a fleet is declared. */

/** A position in a file. Lines and columns count from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where a part of a fleet is declared: its path (`groups.sensors.tags[1]`), and its position in a file unless a program
 * declares the fleet.
 */
export interface Place {
  readonly path: string;
  readonly at?: FilePosition;
}
