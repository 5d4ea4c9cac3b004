/** What the server tells of itself: the notification and the result of arriero/status. */
export interface Told {
  readonly state: "starting" | "ready" | "thinking" | "unreachable" | "no backend";
  readonly trouble: string;
  readonly paused: readonly string[];
  readonly backend?: string;
  readonly url?: string;
  readonly model?: string;
  readonly last?: { readonly tokens: number; readonly ttft_s: number; readonly seconds: number };
  readonly suggestions?: Readonly<Record<"shown" | "accepted" | "partly" | "rejected", number>>;
  readonly kept_back?: string;
}

/** How the server's process is, as the extension sees it. */
export type Life = "missing" | "starting" | "running" | "stopped";

/** What stands in the status bar. */
export interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly alarming: boolean;
}

const EVERY = "*";

const OF_LIFE: Record<Exclude<Life, "running">, Shown> = {
  missing: calm("circle-slash", "arriero's server is not set up."),
  starting: calm("loading~spin", "arriero's server is starting."),
  stopped: { ...calm("error", "arriero's server stopped. The output says why."), alarming: true },
};

/** Returns what to show of the server. The words are those of its own status. */
export function shown(life: Life, told: Told | undefined): Shown {
  if (life !== "running") return OF_LIFE[life];
  if (!told || told.state === "starting") return OF_LIFE.starting;
  if (told.state === "unreachable" || told.state === "no backend") {
    const cause = told.trouble || "The model server does not answer.";
    return { ...calm("warning", cause), alarming: true };
  }
  if (told.state === "thinking") return calm("loading~spin", sentences("The model is thinking.", told));
  if (told.paused.length > 0) return calm("debug-pause", sentences(pauses(told.paused), told));
  return calm("sparkle", sentences("arriero is ready.", told));
}

/** Returns whether nothing is suggested unasked in documents of a language. */
export function isPaused(told: Told | undefined, language: string): boolean {
  return (told?.paused ?? []).some((each) => each === EVERY || each === language);
}

/** Returns what became of the suggestions, in a line, or "" if there were none. */
export function tally(told: Told | undefined): string {
  const { shown: all = 0, accepted = 0, partly = 0 } = told?.suggestions ?? {};
  if (all === 0) return "";
  return `${all} shown since the start, ${accepted} accepted, ${partly} in part`;
}

function calm(icon: string, tooltip: string): Shown {
  return { text: `$(${icon}) arriero`, tooltip, alarming: false };
}

function pauses(languages: readonly string[]): string {
  return languages.includes(EVERY)
    ? "Suggestions while you type are paused."
    : `Suggestions while you type are paused in ${languages.join(", ")}.`;
}

function sentences(first: string, { model, url, last }: Told): string {
  const lines = [first];
  if (model) lines.push(url ? `${model} at ${url}` : model);
  if (last) lines.push(`The last answer: ${last.tokens} tokens in ${last.seconds.toFixed(1)} s.`);
  return lines.join("\n");
}
