// As often, within as long, as is no longer a mishap.
export const MOST = 4; // times
export const WITHIN = 3 * 60_000; // ms

/** Counts how often the server stopped by itself. */
export class Crashes {
  private times: number[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /** Counts one more; returns whether to start the server anew. */
  restart(): boolean {
    const now = this.now();
    this.times = [...this.times.filter((time) => now - time < WITHIN), now];
    return this.times.length <= MOST;
  }
}
