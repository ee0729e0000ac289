from __future__ import annotations

import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from robot_runtime.errors import DownloadError, SettingsError
from toddler_training.config import load_config
from toddler_training.data.talkbank import Account, fetch_corpora, find_account
from toddler_training.steps import run_step

ACCOUNT = Account("al@example.org", "open sesame")
LOGIN_PAGE = b"<!DOCTYPE html><html><script>location = '/login'</script></html>"


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Home/a.cha", text)
    return buffer.getvalue()


@dataclass
class Site:
    """What stands for TalkBank: a login that gives a cookie, and zips for those who have it."""

    corpora: dict[str, bytes]
    login: bytes | None = None
    cut: bool = False
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def fetch(self, corpora: list[str], folder: Path, account: Account = ACCOUNT) -> list[Path]:
        return fetch_corpora(corpora, folder, f"{self.address}/logInUser", f"{self.address}/data", lambda: account)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"Eng-NA/Home": zipped("hi"), "Eng-NA/Away": zipped("bye")})

    class Answer(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            right = given == {"email": ACCOUNT.email, "pswd": ACCOUNT.password}
            cookie = {"Set-Cookie": "talkbank=1234; Path=/"} if right else {}
            self.send(200, site.login or json.dumps({"success": right}).encode(), cookie)

        def do_GET(self) -> None:
            site.asked.append(self.path)
            corpus = self.path.removeprefix("/data/").removesuffix("?f=zip")
            if "talkbank=1234" not in self.headers.get("Cookie", ""):
                self.send(200, LOGIN_PAGE, {})
            elif corpus in site.corpora:
                self.send(200, site.corpora[corpus], {})
            else:
                self.send(404, b"", {})

        def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if site.cut and self.command == "GET" else body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def test_corpora_come_with_the_login_and_are_fetched_once(site: Site, tmp_path: Path) -> None:
    wanted = ["Eng-NA/Home", "Eng-NA/Away"]
    zips = site.fetch(wanted, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in zips] == ["Eng-NA/Home.zip", "Eng-NA/Away.zip"]
    assert zipfile.ZipFile(zips[0]).read("Home/a.cha") == b"hi"
    assert site.fetch(wanted, tmp_path) == zips
    assert site.asked == ["/data/Eng-NA/Home?f=zip", "/data/Eng-NA/Away?f=zip"]


def test_the_step_reads_what_it_fetches(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = "Ann", "Ben", "Cal"
    for name in names:
        chat = f"@ID:\teng|{name}|CHI|2;06.||||Target_Child|||\n@ID:\teng|{name}|MOT|||||Mother|||\n"
        site.corpora[f"Eng-NA/{name}"] = zipped(f"@Begin\n{chat}*MOT:\thi .\n*CHI:\thi .\n@End\n")
    monkeypatch.setenv("TALKBANK_EMAIL", ACCOUNT.email)
    monkeypatch.setenv("TALKBANK_PASSWORD", ACCOUNT.password)
    changes = {
        "corpora": ", ".join(f"Eng-NA/{name}" for name in names),
        "login_url": f"{site.address}/logInUser",
        "data_url": f"{site.address}/data",
    }
    config = load_config("card", [f"data.{key}={value}" for key, value in changes.items()])
    told: list[str] = []
    run_step("data", tmp_path, config, tell=told.append)
    summary = (tmp_path / "data" / "summary.json").read_text("utf-8")
    assert json.loads(summary)["report"]["pairs"] == 3
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(ACCOUNT.password.encode() in content for content in (*written, "".join(told).encode()))


def test_a_wrong_password_is_said_without_saying_it(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"does not accept the login of al@example\.org") as raised:
        site.fetch(["Eng-NA/Home"], tmp_path, Account("al@example.org", "let me in"))
    assert "let me in" not in str(raised.value)
    assert "open sesame" not in repr(ACCOUNT)


def test_a_login_page_in_place_of_a_zip_is_explained(site: Site, tmp_path: Path) -> None:
    site.corpora["Eng-NA/Home"] = LOGIN_PAGE
    with pytest.raises(DownloadError, match="sent a page in place of the zip of Eng-NA/Home"):
        site.fetch(["Eng-NA/Home"], tmp_path)
    assert list(tmp_path.rglob("*.zip*")) == []


def test_an_unknown_corpus_and_a_cut_connection_leave_nothing_half(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="no corpus Eng-NA/Nowhere"):
        site.fetch(["Eng-NA/Home", "Eng-NA/Nowhere"], tmp_path)
    site.cut = True
    with pytest.raises(DownloadError, match=r"incomplete|cannot fetch"):
        site.fetch(["Eng-NA/Home", "Eng-NA/Away"], tmp_path)
    assert [path.name for path in tmp_path.rglob("*.zip")] == ["Home.zip"]


def test_a_login_that_has_changed_is_explained(site: Site, tmp_path: Path) -> None:
    site.login = LOGIN_PAGE
    with pytest.raises(DownloadError, match="does not answer as TalkBank's login did"):
        site.fetch(["Eng-NA/Home"], tmp_path)


def test_no_password_goes_over_an_open_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not https"):
        fetch_corpora(["A/B"], tmp_path, "http://example.org/logInUser", "http://example.org", lambda: ACCOUNT)


def test_the_account_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"TALKBANK_EMAIL": ACCOUNT.email, "TALKBANK_PASSWORD": ACCOUNT.password}
    assert find_account(there, ask=False) == ACCOUNT
    with pytest.raises(SettingsError, match="needs a TalkBank account"):
        find_account({}, ask=False)
