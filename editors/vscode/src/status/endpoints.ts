import type { Editor, Memory, Row } from "../editor";

export const NONE = "No address here";
export const ANOTHER = "Another address …";

const KEY = "endpoints";
const KEPT = 8;
const EXAMPLE = "http://127.0.0.1:8080";

interface Choice extends Row {
  /** The address; "" for none, undefined for one that is still to be entered. */
  readonly url: string | undefined;
}

/**
 * Lets people choose the model server, from those that they had before.
 *
 * Returns the address to put into the setting, "" to take it out of there, or undefined if they
 * chose nothing.
 */
export async function chooseEndpoint(
  editor: Editor,
  memory: Memory,
  current: string,
): Promise<string | undefined> {
  const before = (memory.get(KEY) as string[] | undefined) ?? [];
  const known = [...new Set([current, ...before])].filter(Boolean);
  const rows: Choice[] = [
    ...known.map((url) => ({ label: url, url, description: url === current ? "in use" : "" })),
    { label: ANOTHER, url: undefined },
    {
      label: NONE,
      url: "",
      description: "ARRIERO_URL or your config.toml says it, else the demo model on this computer",
    },
  ];
  const row = await editor.choose("Which model server", rows);
  if (!row) return undefined;
  const url = row.url ?? (await editor.enter("Address of the model server", EXAMPLE, wrong))?.trim();
  if (url) await memory.update(KEY, [...new Set([url, ...known])].slice(0, KEPT));
  return url;
}

/** Says what is wrong with an address, or "". The server looks at it more closely. */
export function wrong(text: string): string {
  const address = text.trim();
  const hint = `It has to be an address such as ${EXAMPLE}, or unix:///path.`;
  if (!URL.canParse(address)) return hint;
  const { protocol, username, password, search } = new URL(address);
  if (username || password || search) return "It must not have a user name, a key or a query in it.";
  return ["http:", "https:", "unix:"].includes(protocol) ? "" : hint;
}
