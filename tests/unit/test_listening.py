"""Servers of tests leave no connection open to nobody."""

import asyncio
import gc
import socket

import pytest

from tests.listening import stop_listening


@pytest.mark.parametrize("turns", range(5))
async def test_who_connects_while_a_server_ends_is_refused_or_served(turns: int) -> None:
    """After so many turns of the event loop. An open connection would fail this by its warning."""
    served: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()):
        for _ in range(turns):
            await asyncio.sleep(0)
        await stop_listening(server)
        for writer in served:
            writer.transport.abort()
        await asyncio.sleep(0)
    gc.collect()
