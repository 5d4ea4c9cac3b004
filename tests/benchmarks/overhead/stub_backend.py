"""A TGI server that costs nothing: it streams a fixed answer and tells when it did what.

It prints its port, then a line of JSON for each generation: when the request was read (`begun`),
when the last byte was sent (`sent`), or when the client was seen to be gone (`closed`); seconds of
the machine's monotonic clock. A prompt with HOLD in it gets one token and then waits for that.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator

HOLD = b"hold_here"
TOKENS = ["offset", " +", " other", ".", "value", " *", " scale"]
PACE = 0.004  # seconds from one token to the next
INFO = {
    "model_id": "codellama/CodeLlama-70b-Instruct-hf",
    "max_input_tokens": 3584,
    "max_total_tokens": 4096,
    "max_stop_sequences": 4,
    "version": "3.3.7",
}


def tell(**stamps: float) -> None:
    print(json.dumps(stamps), flush=True)


def event(index: int, token: str, *, last: bool) -> bytes:
    details = {"finish_reason": "eos_token", "generated_tokens": len(TOKENS) + 1, "seed": None}
    data = {
        "index": index,
        "token": {"id": 2 if last else 100, "text": token, "logprob": -0.1, "special": last},
        "generated_text": "".join(TOKENS) if last else None,
        "details": {**details, "input_length": 9} if last else None,
    }
    line = f"data:{json.dumps(data)}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(line), line)


async def generate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hold: bool) -> None:
    begun = time.monotonic()
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    writer.write(head)
    for index, token in enumerate(TOKENS, 1):
        writer.write(event(index, token, last=False))
        if hold:
            tell(begun=begun)
            await reader.read(1)
            tell(closed=time.monotonic())
            raise ConnectionError
        await asyncio.sleep(PACE)
    writer.write(event(len(TOKENS) + 1, "</s>", last=True) + b"0\r\n\r\n")
    tell(begun=begun, sent=time.monotonic())


def answer(writer: asyncio.StreamWriter, value: object) -> None:
    body = json.dumps(value).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
        % (len(body), body)
    )


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip() or b"0"
            body = await reader.readexactly(int(length))
            if b"/generate_stream" in head.partition(b"\r\n")[0]:
                await generate(reader, writer, HOLD in body)
            else:
                answer(writer, INFO)
    except (ConnectionError, asyncio.IncompleteReadError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Stub:
    """The stub as a process."""

    def __enter__(self) -> Stub:
        self._process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def stamps(self) -> Iterator[dict]:
        """Yield what it tells, waiting for each."""
        while True:
            yield json.loads(self._process.stdout.readline())


if __name__ == "__main__":
    asyncio.run(main())
