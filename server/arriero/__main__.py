"""`python -m arriero`, where the command itself is not on the PATH."""

import sys

from arriero.cli import main

sys.exit(main())
