import type { Editor, Memory, Report, Row } from "./editor";

/** An editor for tests: a person who answers as told, and what they were shown. */
export class ScriptedEditor implements Editor {
  readonly shown: string[] = [];
  readonly logged: string[] = [];

  /** @param answers to what is asked, one after the other; undefined dismisses it */
  constructor(private readonly answers: (string | undefined)[] = []) {}

  ask = (question: string): Promise<string | undefined> => this.answer(question);
  warn = (message: string): Promise<string | undefined> => this.answer(message);

  async choose<R extends Row>(title: string, rows: readonly R[]): Promise<R | undefined> {
    const label = await this.answer(title);
    return rows.find((row) => row.label === label);
  }

  async enter(
    title: string,
    _example: string,
    wrong: (text: string) => string,
  ): Promise<string | undefined> {
    const text = await this.answer(title);
    return text && wrong(text) ? undefined : text; // the box does not close before it is right
  }

  progress<T>(title: string, work: (report: Report, cancelled: AbortSignal) => Promise<T>): Promise<T> {
    this.shown.push(title);
    return work((message) => this.logged.push(message), new AbortController().signal);
  }

  log(line: string): void {
    this.logged.push(line);
  }

  private answer(question: string): Promise<string | undefined> {
    this.shown.push(question);
    return Promise.resolve(this.answers.shift());
  }
}

/** What is remembered until the test ends. */
export class Remembered implements Memory {
  readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.values.get(key);
  }

  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, value);
    return Promise.resolve();
  }
}
