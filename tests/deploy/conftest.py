"""HAProxy in front of workers that say who they are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.deploy.echo import Echo
from tests.deploy.haproxy import Haproxy, need_haproxy

Front = tuple[Haproxy, Sequence[Echo]]


class OpenFront(Protocol):
    """Starts HAProxy and so many workers: `async with open_front(2) as (haproxy, workers)`."""

    def __call__(
        self,
        workers: int,
        *,
        environment: Mapping[str, str] | None = None,
        changed: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Front]: ...


@pytest.fixture
def open_front(tmp_path: Path) -> OpenFront:
    """HAProxy in front of echoes, all of them ready."""
    need_haproxy()

    @asynccontextmanager
    async def start(
        workers: int,
        *,
        environment: Mapping[str, str] | None = None,
        changed: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Front]:
        async with AsyncExitStack() as stack:
            echoes = [
                await stack.enter_async_context(Echo(number)) for number in range(1, workers + 1)
            ]
            haproxy = await stack.enter_async_context(
                Haproxy(
                    tmp_path,
                    [echo.port for echo in echoes],
                    environment=environment,
                    changed=changed,
                )
            )
            await haproxy.until_up(*range(1, workers + 1))
            yield haproxy, echoes

    return start
