"""Write the server's settings into the manifest of the extension, as arriero.settings has them.

    python editors/vscode/settings.py

The settings that only the extension has, `arriero.server.*`, stand in a section of their own and
stay as they are. In a workspace that is not trusted, none of its settings is used but what keeps
files back.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from arriero.settings_docs import as_vscode_properties

MANIFEST = Path(__file__).with_name("package.json")
TITLE = "arriero"
IGNORE = "arriero.ignore"


def with_settings(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest with the section of the server's settings, all of it written anew."""
    own = [part for part in manifest["contributes"]["configuration"] if part["title"] != TITLE]
    sections = [*own, {"title": TITLE, "properties": as_vscode_properties()}]
    names = [name for section in sections for name in section["properties"] if name != IGNORE]
    capabilities = manifest["capabilities"]
    untrusted = capabilities["untrustedWorkspaces"] | {"restrictedConfigurations": names}
    return manifest | {
        "capabilities": capabilities | {"untrustedWorkspaces": untrusted},
        "contributes": manifest["contributes"] | {"configuration": sections},
    }


def main() -> None:
    """Rewrite the manifest in place, in npm's own layout."""
    manifest = with_settings(json.loads(MANIFEST.read_text(encoding="utf-8")))
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    MANIFEST.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
