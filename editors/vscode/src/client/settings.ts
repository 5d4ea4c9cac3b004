import type { WorkspaceConfiguration } from "vscode";

/** Settings as the server reads them: `{ completion: { enabled: true } }`. */
export type Settings = Record<string, unknown>;

/**
 * Returns the settings that somebody chose, and leaves out those that only have their default.
 *
 * VS Code hands a default to whoever asks, which the server could not tell from a choice: it would
 * win over the user's own file and the environment, where the address of the model may stand.
 *
 * @param configuration the section `arriero`, for the resource that the server asks about
 * @param names dotted names within the section: `completion.enabled`
 */
export function chosen(
  configuration: Pick<WorkspaceConfiguration, "get" | "inspect">,
  names: readonly string[],
): Settings {
  const settings: Settings = {};
  for (const name of names) {
    if (isChosen(configuration.inspect(name))) put(settings, name.split("."), configuration.get(name));
  }
  return settings;
}

function isChosen(layers: ReturnType<WorkspaceConfiguration["inspect"]>): boolean {
  return [layers?.globalValue, layers?.workspaceValue, layers?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
}

function put(settings: Settings, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    settings[name] = value;
  } else {
    put((settings[name] ??= {}) as Settings, rest, value);
  }
}
