"""Addresses as users write them: HOST or HOST:PORT."""

from __future__ import annotations

import ipaddress
import re

from robot_runtime.errors import SettingsError

_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")


def host_and_port(text: str, default_port: int) -> tuple[str, int]:
    """Take an address apart.

    Args:
        text: an IPv4 address or a host name, with or without a port.
        default_port: used when there is none.

    Raises:
        SettingsError: it is no address.
    """
    host, colon, port = text.strip().partition(":")
    wrong = SettingsError(f"{text!r} is no robot's address: write HOST or HOST:PORT, such as 10.0.0.5 or 10.0.0.5:8080")
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise wrong
    if re.fullmatch(r"[\d.]+", host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise wrong from error
    elif not _NAME.fullmatch(host):
        raise wrong
    return host, int(port) if colon else default_port
