"""A line with latency: forwards TCP connections and holds each piece back: `python -m tests.fakes.slow_line 0.1 LINE…`.

LINE is `local port:address:port`. It needs nothing of the kernel; Linux's own `netem` is absent from many kernels.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial

_PIECE = 2**16
_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay_s: float) -> None:
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(due - time.monotonic())
            if not piece:
                return
            target.write(piece)
            await target.drain()

    arriving = asyncio.ensure_future(arrive())
    piece = b"-"
    while piece and not arriving.done():
        piece = await source.read(_PIECE)
        under_way.put_nowait((time.monotonic() + delay_s, piece))
    await arriving


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, address: str, port: int, delay_s: float
) -> None:
    """Forward one connection until either end closes it."""
    ends: list[_End] = [(reader, writer)]
    try:
        ends.append(await asyncio.open_connection(address, port))
        (near, to_near), (far, to_far) = ends
        ways = {
            asyncio.ensure_future(_carry(near, to_far, delay_s)),
            asyncio.ensure_future(_carry(far, to_near, delay_s)),
        }
        _, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
    except OSError as error:
        print(f"{address}:{port}: {error}", file=sys.stderr, flush=True)
    finally:
        for _, end in ends:
            end.close()


async def _serve(delay_s: float, lines: list[str]) -> None:
    for line in lines:
        local, address, port = line.split(":")
        forward = partial(_forward, address=address, port=int(port), delay_s=delay_s)
        await asyncio.start_server(forward, "127.0.0.1", int(local))
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), sys.argv[2:]))
