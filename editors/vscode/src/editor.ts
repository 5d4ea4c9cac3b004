/**
 * What the extension needs of the editor where it asks and tells people something: the seam between
 * what it does and VS Code's interface, so that all of it can be tried without one.
 */
export interface Editor {
  /** Asks with buttons; undefined if the question was dismissed. */
  ask(question: string, ...answers: string[]): Promise<string | undefined>;

  /** Tells of something that went wrong, with buttons that may mend it. */
  warn(message: string, ...answers: string[]): Promise<string | undefined>;

  /** Lets people choose a row; undefined if they chose none. `hint` stands where they can type. */
  choose<R extends Row>(title: string, rows: readonly R[], hint?: string): Promise<R | undefined>;

  /** Asks for a line of text. `wrong` says what is wrong with one, or "". */
  enter(title: string, example: string, wrong: (text: string) => string): Promise<string | undefined>;

  /** Shows that something goes on while it does; people can end it. */
  progress<T>(title: string, work: (report: Report, cancelled: AbortSignal) => Promise<T>): Promise<T>;

  /** Writes a line into the output channel. */
  log(line: string): void;
}

export type Report = (message: string) => void;

/** A row to choose from. */
export interface Row {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}

/** What is kept from one start of the editor to the next, on this computer. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}
