"""A real phone, killed without warning while letters come and go: nothing acknowledged is lost, nothing is there twice."""

import asyncio
import random
import signal
import sys
from pathlib import Path

from sockets import Loopback, loopback, until

from filon_net.phone import ContactState, Phone

PROGRAM = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {here!r}]
from sockets import QUICK
from filon_net.phone import Phone
from filon_net.phone.notices import MessageArrived

async def main():
    async with Phone.open(Path({path!r}), "secret", rules=QUICK) as phone:
        print("open", flush=True)
        async for event in phone.events():
            if isinstance(event, MessageArrived):
                came = phone.item(event.item).text
                phone.send(event.user, "echo of " + came)
                print(came, flush=True)

asyncio.run(main())
"""


async def run_and_kill(path: Path, seconds: float) -> list[str]:
    here = Path(__file__).parent
    program = PROGRAM.format(tests=str(here.parent), here=str(here), path=str(path))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    first = await child.stdout.readline()
    assert first == b"open\n", (await child.communicate())[1].decode()
    await asyncio.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    said, _ = await child.communicate()
    return said.decode().split("\n")[:-1]


def texts(phone: Phone, user: bytes, mine: bool) -> list[str]:
    return [item.text for _, item in phone.chat(user, 5_000) if item.mine is mine and item.text]


async def meet(net: Loopback, ada: Phone) -> Path:
    async with net.phone("Bob") as bob:
        await until(lambda: ada.joined and bob.joined and ada.online and bob.online)
        bob.answer(await ada.invite())
        await until(
            lambda: all(
                one.contacts() and one.contacts()[0].state is ContactState.OPEN and one.contacts()[0].routes
                for one in (ada, bob)
            )
        )
        return bob.engine.books.store.path


def test_killed_under_load(tmp_path):
    draw = random.Random(5)

    async def main() -> None:
        async with loopback(tmp_path) as net, net.phone("Ada") as ada:
            path = await meet(net, ada)
            user = ada.contacts()[0].user
            sent: list[str] = []

            async def write() -> None:
                while True:
                    sent.append(f"letter {len(sent)}")
                    ada.send(user, sent[-1])
                    await asyncio.sleep(0.03)

            writing = asyncio.ensure_future(write())
            told: list[str] = []
            for _ in range(5):
                told += await run_and_kill(path, 0.15 + draw.random() * 0.5)
            writing.cancel()
            async with net.again("Bob") as bob:
                await until(lambda: len(texts(bob, ada.user, False)) >= len(sent))
                came = texts(bob, ada.user, False)
                assert came == list(dict.fromkeys(came)), "twice"
                assert sorted(came) == sorted(sent), "lost"
                echoes = texts(bob, ada.user, True)
                await until(lambda: set(texts(ada, user, False)) >= set(echoes))
                assert {f"echo of {one}" for one in told} <= set(texts(ada, user, False)), (
                    "what was said to be sent is sent"
                )
                assert len(texts(ada, user, False)) == len(set(texts(ada, user, False)))
                assert bob.engine.books.device.undecryptable == ada.engine.books.device.undecryptable == 0
                assert not [one for one in bob.notices() if one.notice.code not in ("LogLate", "LogSilent")]
            assert len(told) == len(set(told)) > 5, "it was under load, and no letter was told twice"

    asyncio.run(main())
