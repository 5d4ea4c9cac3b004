"""The floor: what any language server in Python costs that does nothing but answer.

A bare asyncio loop over the standard library's JSON. Every ratio of `make bench-overhead` is to it.
"""

import asyncio
import json
import sys


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    while header := await reader.readline():
        length = int(header.partition(b":")[2])
        await reader.readline()
        message = json.loads(await reader.readexactly(length))
        if message["method"] == "exit":
            break
        if "id" in message:
            result = {"capabilities": {}} if message["method"] == "initialize" else None
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
            body = json.dumps(answer).encode()
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()


asyncio.run(main())
