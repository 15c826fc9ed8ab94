"""How a server of a test ends."""

import asyncio

_TURNS = 4
"""Of the event loop, from an accepted connection to the first step of what serves it."""


async def stop_listening(server: asyncio.Server) -> None:
    """Listen no more; whoever was accepted before is served by now, so that it can be cut.

    A server that is closed between accepting and serving leaves the connection open to nobody
    (CPython's `Server._attach` asserts that it listens still), until the collector finds it in
    another test.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
