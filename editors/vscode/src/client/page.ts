// Nothing is fetched and nothing is run: what a model wrote may have links to anywhere in it, and
// code goes to the model server alone.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
body { font-size: var(--vscode-editor-font-size); line-height: 1.5; max-width: 45em; padding: 0 1.5em; }
h1 { font-size: 1.2em; }
code { font-family: var(--vscode-editor-font-family); }
pre { background: var(--vscode-textCodeBlock-background); overflow-x: auto; padding: 0.8em; }
blockquote { border-left: 3px solid var(--vscode-textBlockQuote-border); margin: 0; padding: 0 1em; }
`;

/** Returns a whole page of HTML with this in its body. */
export function pageOf(body: string): string {
  return [
    "<!DOCTYPE html>",
    '<html><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    `<style>${STYLE}</style></head>`,
    `<body>${body}</body></html>`,
  ].join("\n");
}

/** Returns the title of a page: its first heading, or what the document is called. */
export function titleOf(markdown: string, name: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1]?.trim() ?? name;
}
