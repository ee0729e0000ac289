"""Fetching corpora from TalkBank with the user's own login.

As the site's page does: e-mail and password go as JSON to the login address, which answers with a cookie; with it, the
address of a corpus gives a zip. Without it, or when it is not accepted, the same address gives a login page, with
status 200. The password goes into that one request only.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from getpass import getpass
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from robot_runtime.errors import DownloadError, SettingsError

EMAIL, PASSWORD = "TALKBANK_EMAIL", "TALKBANK_PASSWORD"
"""Environment variables of the account."""
ANSWER_S = 60.0
"""Seconds that the server may be silent: it packs the zip while one waits."""
BLOCK = 1 << 16
"""Bytes read at a time."""


class Account(NamedTuple):
    """A TalkBank account."""

    email: str
    """Address it is registered under."""
    password: str
    """Its password."""

    def __repr__(self) -> str:
        """Say whose it is, and no more."""
        return f"Account({self.email})"


def find_account(environment: Mapping[str, str], ask: bool) -> Account:
    """The account of the environment variables, else of a prompt.

    Args:
        environment: environment variables.
        ask: whether somebody is there to answer a prompt.

    Raises:
        SettingsError: neither.
    """
    email, password = environment.get(EMAIL, ""), environment.get(PASSWORD, "")
    if not (email and password) and ask:
        email = email or input("TalkBank e-mail: ").strip()
        password = getpass("TalkBank password: ")
    if not (email and password):
        raise SettingsError(
            f"data.corpora needs a TalkBank account (free, https://talkbank.org): set {EMAIL} and {PASSWORD}, or "
            "download the zips with your browser and name their folder as data.source"
        )
    return Account(email, password)


def fetch_corpora(
    corpora: list[str], folder: Path, login_url: str, data_url: str, account: Callable[[], Account]
) -> list[Path]:
    """Fetch those corpora that are not there yet.

    Args:
        corpora: paths below `data_url`, for instance `Eng-NA/Brown`.
        folder: where the zips go, each in a folder of its collection.
        login_url: where to log in.
        data_url: where the corpora lie.
        account: asked for when something has to be fetched.

    Returns:
        The zips, in order.

    Raises:
        SettingsError: an address that is not safe for a password, or no account.
        DownloadError: login refused, no such corpus, or the network failed; what is complete stays.
    """
    zips = [folder / f"{corpus}.zip" for corpus in corpora]
    missing = [(corpus, path) for corpus, path in zip(corpora, zips, strict=True) if not path.is_file()]
    if missing:
        session = _log_in(login_url, account())
        for corpus, path in missing:
            _fetch(session, f"{data_url}/{quote(corpus)}?f=zip", corpus, path)
    return zips


def _log_in(url: str, account: Account) -> OpenerDirector:
    """Open a session that has the cookie."""
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost"):
        raise SettingsError(f"data.login_url {url} is not https; a password is sent there")
    session = build_opener(HTTPCookieProcessor(CookieJar()))
    body = json.dumps({"email": account.email, "pswd": account.password}).encode()
    request = Request(url, body, {"Content-Type": "application/json", "User-Agent": "toddler-robot"})
    try:
        with session.open(request, timeout=ANSWER_S) as answer:
            accepted = json.loads(answer.read()).get("success") is True
    except HTTPError as error:
        if error.code not in (400, 401, 403):
            raise DownloadError(f"cannot log in at {url}: the server says {error.code} {error.reason}") from None
        accepted = False
    except (OSError, HTTPException) as error:
        raise DownloadError(f"cannot log in at {url}: {error}. Check the network and try again") from None
    except (ValueError, AttributeError):
        raise DownloadError(
            f"{url} does not answer as TalkBank's login did; if it has moved, set data.login_url, or download the "
            "zips with your browser and name their folder as data.source"
        ) from None
    if not accepted:
        raise DownloadError(f"TalkBank does not accept the login of {account.email}; check {EMAIL} and {PASSWORD}")
    return session


def _fetch(session: OpenerDirector, url: str, corpus: str, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with session.open(Request(url, headers={"User-Agent": "toddler-robot"}), timeout=ANSWER_S) as answer:
            with part.open("wb") as stream:
                while block := answer.read(BLOCK):
                    stream.write(block)
    except HTTPError as error:
        if error.code == 404:
            raise DownloadError(f"TalkBank has no corpus {corpus} ({url}); names are like Eng-NA/Brown") from None
        raise DownloadError(f"cannot fetch {url}: the server says {error.code} {error.reason}") from None
    except (OSError, HTTPException) as error:
        raise DownloadError(f"cannot fetch {url}: {error}. Run the same command again; complete zips stay") from None
    if not zipfile.is_zipfile(part):
        with part.open("rb") as stream:
            page = stream.read(512).lstrip().startswith(b"<")
        part.unlink()
        raise DownloadError(
            f"TalkBank sent a page in place of the zip of {corpus}: the account may not read this corpus, its terms "
            "of use wait to be accepted on https://talkbank.org, or there is none of that name"
            if page
            else f"the zip of {corpus} came incomplete. Run the same command again; complete zips stay"
        )
    part.replace(target)
