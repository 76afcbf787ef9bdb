"""The server itself: where it listens, what it prints, and that it ends when told to."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from filon.errors import Unsupported
from filon.web.serving import listen, serve

PROGRAM = """
import sys
from pathlib import Path
from filon.case import open_case
from filon.settings import Settings
from filon.web import serve
serve(open_case(sys.argv[1], Settings(home=Path("."), who="a.tester")), port=18500)
"""


def test_a_port_in_use_gives_way_to_the_next():
    with listen("127.0.0.1", 18600) as first, listen("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname()[1] > first.getsockname()[1]
        assert second.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "example.org", ""])
def test_only_this_machine_is_served(case, host):
    with pytest.raises(Unsupported) as caught:
        serve(case, host=host)
    assert caught.value.hint


def test_a_link_is_printed_and_the_server_ends_on_interrupt(case):
    command = [sys.executable, "-c", PROGRAM, str(case.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            link = server.stdout.readline().strip()
            assert link.startswith("http://127.0.0.1:")
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(link) as answer:
                assert "lille" in answer.read().decode()
            assert server.stdout.readline().strip() not in ("", link)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(link)
            assert refused.value.code == 401
            refused.value.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
        assert "Traceback" not in server.stderr.read()
