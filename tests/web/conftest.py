"""A small case of synthetic exports, the reading room on it, and a Chromium that looks at it."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar.testing import TestClient

from filon.case import Case, create_case, open_case
from filon.model.given import Given
from filon.settings import Settings
from filon.web.app import ReadingRoom, create_app
from filon.web.door import Door
from filon.web.guard import CSRF_HEADER
from filon.web.serving import listen
from web.synthetic import write_telegram, write_whatsapp

BIG = 3_000
CHROMIUM = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), who="a.tester", zone="Europe/Paris")


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write_telegram(folder / "result.json", BIG)
    write_whatsapp(folder / "WhatsApp Chat with ironhare.txt")
    return folder


@pytest.fixture(scope="session")
def made(settings: Settings, exports: Path) -> Path:
    """The root of a case that holds both exports."""
    with create_case("lille", settings) as case:
        case.add(
            case.view(),
            [exports / "result.json", exports / "WhatsApp Chat with ironhare.txt"],
            given=Given(date_order="dmy"),
        )
        return case.root


def copied(made: Path, settings: Settings, folder: Path) -> Case:
    root = folder / "lille"
    shutil.copytree(made, root)
    return open_case(str(root), settings)


@pytest.fixture(scope="session")
def case(made: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The case the test client works on; tests may add to it and rely on nothing another one added."""
    with copied(made, settings, tmp_path_factory.mktemp("client")) as opened:
        yield opened


@dataclass
class Visitor:
    """A test client that has come in, and what it sends with a change."""

    client: TestClient[ReadingRoom]
    headers: dict[str, str]

    def get(self, path: str, **rest: Any) -> Any:
        return self.client.get(path, **rest)

    def json(self, path: str) -> Any:
        answer = self.client.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change(self, method: str, path: str, **rest: Any) -> Any:
        return self.client.request(method, path, headers=self.headers, **rest)


@pytest.fixture(scope="session")
def door() -> Door:
    return Door()


@pytest.fixture(scope="session")
def app(case: Case, door: Door) -> ReadingRoom:
    return create_app(case, door=door, cookie="filon-test")


@pytest.fixture
def client(app: ReadingRoom) -> Iterator[TestClient[ReadingRoom]]:
    with TestClient(app, base_url="http://127.0.0.1:8080") as inside:
        yield inside


@pytest.fixture
def visitor(client: TestClient[ReadingRoom], door: Door) -> Visitor:
    client.get(f"/enter/{door.token()}", follow_redirects=False)
    session = client.cookies["filon-test"]
    return Visitor(client, {CSRF_HEADER: door.csrf(session), "origin": "http://127.0.0.1:8080"})


@dataclass
class Served:
    """A reading room on a real port."""

    address: str
    token: Callable[[], str]
    case: Case


def run(case: Case) -> Iterator[Served]:
    with listen("127.0.0.1", 18080) as listener:
        door = Door()
        app = create_app(case, door=door)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", door.token, case)
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="session")
def served(made: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with copied(made, settings, tmp_path_factory.mktemp("browser")) as opened:
        yield from run(opened)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium, sandboxed unless the tests run as root; its event loop must not outlive the module."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    arguments = [*CHROMIUM, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Any, served: Served) -> Iterator[Any]:
    """A page that has come in. What the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=served.address)
    opened = context.new_page()
    complaints: list[str] = []

    def heard(message: Any) -> None:
        if message.type in ("error", "warning") and "/nowhere" not in message.location["url"]:
            complaints.append(f"{message.text} {message.location['url']}")

    opened.on("console", heard)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"/enter/{served.token()}")
    yield opened
    context.close()
    assert complaints == []
