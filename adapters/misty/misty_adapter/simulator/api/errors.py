"""How a command can fail, and with which status; the kinds and numbers are documented, the words are ours."""

from __future__ import annotations


class ApiError(Exception):
    """A command failed: `{"status": "Failed", "error": ...}` with `status`."""

    status = 500


class BadArgument(ApiError):
    """An argument is missing or wrong."""

    status = 400


class NotFound(ApiError):
    """No such command or file."""

    status = 404


class Unavailable(ApiError):
    """Misty is updating: only halt and stop work."""

    status = 503


class NeverAnswers(Exception):
    """The robot takes the request and then never says anything: playing a missing file, saving the 2,470th."""
