import type { StaticFeature } from "vscode-languageclient";

/** What this client can do that the protocol itself has no words for. */
const ABILITIES = {
  instructions: true, // it asks people what to do (instructions.ts)
  status: true, // it shows how things are (status/)
};

export const abilities: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { arriero: ABILITIES };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};
