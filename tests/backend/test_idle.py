"""How long nobody has wanted anything of a server."""

import asyncio

from arriero_backend.idle import Idle


async def test_time_counts_from_the_end_of_the_last_request():
    now, answer = [0.0], asyncio.Event()

    async def app(scope, receive, send):
        await answer.wait()

    idle = Idle(app, lambda: now[0])
    now[0] = 5.0
    assert idle.seconds == 5.0
    requests = [asyncio.create_task(idle({"type": "http"}, None, None)) for _ in range(2)]
    await asyncio.sleep(0)
    requests[0].cancel()
    await asyncio.wait(requests[:1])
    now[0] = 9.0
    assert idle.seconds == 0.0  # one is still there
    answer.set()
    await requests[1]
    now[0] = 12.0
    assert idle.seconds == 3.0
