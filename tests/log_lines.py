"""Logs as an editor keeps them, with the lines of others in between."""

CODE = "launch_codes = 1234"
LINES = f"""\
2026-11-22 10:00:00,000 INFO arriero.lsp.lifecycle: The model is m, by tgi
2026-11-22 10:00:00.500 [info] 2026-11-22 10:00:01,000 ERROR arriero.lsp: It failed: ValueError
  File "/app/arriero/lsp/server.py", line 7, in act
    raise ValueError
ValueError
{CODE}
  {CODE}
[editor] sent: {CODE}
"""
DEBUG = f"""\
{LINES}2026-11-22 10:00:02,000 DEBUG arriero.x: a
2026-11-22 10:00:03,000 ERROR arriero.lsp: {CODE}
"""
