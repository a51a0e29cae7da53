"""The least there could be, to measure against: a service that only loads, a receiver that only takes.

Text, since each runs in a process of its own.
"""

from __future__ import annotations

BARE_BENTO = """
import os
from pathlib import Path

import bentoml


@bentoml.service(workers=1, metrics={"enabled": False}, logging={"access": {"enabled": False}})
class Bare:
    def __init__(self):
        from models.champions import load_champions

        self.screeners = load_champions(Path(os.environ["CHAMPIONS"]))
        for one in self.screeners.values():
            one.model.margins

    @bentoml.api(route="/score")
    def score(self, values: list[float]) -> list[float]:
        return values
"""

RECEIVER = """
import asyncio
import sys


async def take(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\\r\\ncontent-length: 0\\r\\n\\r\\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(take, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
"""
