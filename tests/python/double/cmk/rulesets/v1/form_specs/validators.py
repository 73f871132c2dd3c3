"""Validators of form specs. HostAddress is left out on purpose: early 2.3 releases lack it."""

from __future__ import annotations

import enum
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

from .._localize import Message


class ValidationError(ValueError):
    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self._message = message

    @property
    def message(self) -> Message:
        return self._message


class _InRange:
    def __init__(
        self, lower: float | None, upper: float | None, error_msg: Message | None, what: str
    ) -> None:
        if lower is None and upper is None and error_msg is None:
            raise ValidationError(Message("a range needs a bound or a message"))
        self.range = (lower, upper)
        self.error_msg = error_msg or Message(f"Not allowed: {what} out of range")

    def _check(self, value: float) -> None:
        lower, upper = self.range
        if (lower is not None and value < lower) or (upper is not None and value > upper):
            raise ValidationError(self.error_msg)


class LengthInRange(_InRange):
    def __init__(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        error_msg: Message | None = None,
    ) -> None:
        super().__init__(min_value, max_value, error_msg, "length")

    def __call__(self, value: Sequence[Any]) -> None:
        self._check(len(value))


class NumberInRange(_InRange):
    def __init__(
        self,
        min_value: float | None = None,
        max_value: float | None = None,
        error_msg: Message | None = None,
    ) -> None:
        super().__init__(min_value, max_value, error_msg, "number")

    def __call__(self, value: float) -> None:
        self._check(value)


class RegexGroupsInRange(_InRange):
    def __init__(
        self,
        min_groups: int | None = None,
        max_groups: int | None = None,
        error_msg: Message | None = None,
    ) -> None:
        super().__init__(min_groups, max_groups, error_msg, "number of groups")

    def __call__(self, value: str) -> None:
        self._check(re.compile(value).groups)


class MatchRegex:
    """Anchored at the start only."""

    def __init__(self, regex: re.Pattern[str] | str, error_msg: Message | None = None) -> None:
        self.regex = re.compile(regex)
        self.error_msg = error_msg or Message("The value does not match the pattern")

    def __call__(self, value: str) -> None:
        if not self.regex.match(value):
            raise ValidationError(self.error_msg)


class NetworkPort:
    def __init__(self, error_msg: Message | None = None) -> None:
        self.error_msg = error_msg or Message("A port is between 0 and 65535")

    def __call__(self, value: int) -> None:
        if not 0 <= value <= 65535:
            raise ValidationError(self.error_msg)


class UrlProtocol(enum.StrEnum):
    FILE = "file"
    FTP = "ftp"
    GOPHER = "gopher"
    HDL = "hdl"
    HTTP = "http"
    HTTPS = "https"
    IMAP = "imap"
    MAILTO = "mailto"
    MMS = "mms"
    NEWS = "news"
    NNTP = "nntp"
    PROSPERO = "prospero"
    RSYNC = "rsync"
    RTSP = "rtsp"
    RTSPS = "rtsps"
    RTSPU = "rtspu"
    SFTP = "sftp"
    SHTTP = "shttp"
    SIP = "sip"
    SIPS = "sips"
    SNEWS = "snews"
    SNV = "svn"
    SVNSSH = "svn+ssh"
    TELNET = "telnet"
    WAIS = "wais"
    WS = "ws"
    WSS = "wss"


class Url:
    def __init__(self, protocols: Iterable[UrlProtocol], error_msg: Message | None = None) -> None:
        self.protocols = frozenset(protocols)
        self.error_msg = error_msg or Message("This is no allowed URL")

    def __call__(self, value: str) -> None:
        try:
            parts = urllib.parse.urlparse(value)
        except ValueError as error:
            raise ValidationError(Message("%s") % str(error)) from error
        if parts.scheme not in self.protocols or not parts.netloc:
            raise ValidationError(self.error_msg)


_EMAIL_ADDRESS = re.compile(r"[\w!#$%&'*-=?^{|}~`]+@(localhost|[\w.-]+\.\w{2,24})")


class EmailAddress:
    def __init__(self, error_msg: Message | None = None) -> None:
        self.error_msg = error_msg or Message("This is no e-mail address")

    def __call__(self, value: str) -> None:
        if not _EMAIL_ADDRESS.fullmatch(value):
            raise ValidationError(self.error_msg)
