"""How arriero starts programs of its own: by the Python that it runs in itself."""

from __future__ import annotations

import sys

# -P: else a file of the workspace, such as logging.py, would be run in place of the module.
PYTHON = (sys.executable, "-P", "-m")
