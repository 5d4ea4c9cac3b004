"""TGI's HTTP contract as an ASGI application over an engine.

    request -> guard -> body -> parameters -> generation -> answers or stream

What is here follows huggingface/text-generation-inference at db931fcf (3.3.7), where its source and
its description disagree the source. Departures, each for a reason:

- No answer for other origins (no CORS), and a Host header that is not ours is refused: this server
  runs on people's own machines, where any web page could otherwise talk to it.
- What no engine of ours can do is refused with 422, never left out silently: grammars, tools,
  images, adapters, watermarks, `best_of` and `top_n_tokens`.
- A long answer is one generation; TGI makes slices of 1024 tokens, each with new stop strings.
"""

from arriero_backend.contract.application import app

__all__ = ["app"]
