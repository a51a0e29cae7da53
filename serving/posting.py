"""Posts one message after another to a receiver, over a connection that is kept while it is busy.

A connection is made to an address that was checked the moment before, in the name that was registered, and is
used for `CHECKED_SECONDS` at most: then the name is looked up and checked anew. So no message goes anywhere
that was not checked, and a name that leads elsewhere later leads nowhere. Nothing is taken from the
environment, such as a proxy; no redirect is followed; of an answer only the status is looked at.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import TracebackType
from urllib.parse import urlsplit

import httpx

from serving.addresses import AddressRefused, check_url, checked
from serving.review.answered import Silence

TIMEOUT_SECONDS = 10.0
CHECKED_SECONDS = 20.0
# An answer so short is taken off the wire, unread, so that its connection can be used again.
SHORT = 1024

Resolve = Callable[[str, int], Sequence[str]]


class Unreachable(Exception):
    """A receiver that gave no answer; the word says why."""


class _Whole(HTTPConnection):
    """A connection on a socket of ours, which it never replaces; head and body leave together."""

    auto_open = 0

    def __init__(self, host: str, sock: socket.socket) -> None:
        super().__init__(host)
        self.sock = sock
        self._waits = b""

    def send(self, data: bytes) -> None:  # type: ignore[override]  # ours are always bytes
        self._waits += data

    def answer(self) -> HTTPResponse:
        """Everything that was written leaves now; the answer's head."""
        waits, self._waits = self._waits, b""
        self.sock.sendall(waits)
        return self.getresponse()


@dataclass(frozen=True)
class _Line:
    """A kept connection, and until when its address counts as checked."""

    connection: _Whole
    until: float

    def is_good(self, now: float) -> bool:
        """Whether it may be used: not over, and with nothing to read, which would be the end of it."""
        sock = self.connection.sock
        return now < self.until and sock is not None and not select.select([sock], [], [], 0)[0]


class Poster:
    """Safe to share between threads. `seconds` is a clock that never goes back.

    `trusted`: whose certificates are believed; none: the public authorities'.
    """

    def __init__(
        self,
        resolve: Resolve,
        seconds: Callable[[], float],
        timeout_seconds: float = TIMEOUT_SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve, self._seconds, self._timeout = resolve, seconds, timeout_seconds
        self._kept: dict[tuple[str, bool], list[_Line]] = {}
        self._lock = threading.Lock()
        self._tls = trusted

    def __enter__(self) -> Poster:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            lines = [line for kept in self._kept.values() for line in kept]
            self._kept.clear()
        for line in lines:
            line.connection.close()

    def __call__(self, url: str, internal: bool, body: bytes, signed: Mapping[str, str]) -> str:
        """The status of the answer; Unreachable if there was none."""
        line = self._idle(url, internal)
        if line is not None:
            try:
                return self._post(line, url, internal, body, signed)
            except (ConnectionError, HTTPException):
                # Closed in between, as receivers do; under the same id it may be sent again on a new one.
                line.connection.close()
        line = self._open(url, internal)
        try:
            return self._post(line, url, internal, body, signed)
        except TimeoutError:
            raise Unreachable(Silence.TIMEOUT.value) from None
        except (OSError, HTTPException):
            raise Unreachable(Silence.NO_CONNECTION.value) from None

    def _idle(self, url: str, internal: bool) -> _Line | None:
        now = self._seconds()
        with self._lock:
            kept = self._kept.get((url, internal), [])
            line = kept.pop() if kept else None
        if line is not None and not line.is_good(now):
            line.connection.close()
            return None
        return line

    def _open(self, url: str, internal: bool) -> _Line:
        target = urlsplit(url)
        host, is_secure = target.hostname or "", target.scheme == "https"
        port = target.port or (443 if is_secure else 80)
        try:
            check_url(url, internal=internal)
            address = checked(self._resolve(host, port), internal=internal)
        except AddressRefused:
            raise Unreachable(Silence.ADDRESS_REFUSED.value) from None
        except OSError:
            raise Unreachable(Silence.NAME_NOT_FOUND.value) from None
        until = self._seconds() + CHECKED_SECONDS
        try:
            sock = socket.create_connection((address, port), self._timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The certificate is the name's, whatever address it has.
            whole = self._secured(sock, host) if is_secure else sock
        except TimeoutError:
            raise Unreachable(Silence.TIMEOUT.value) from None
        except OSError:
            raise Unreachable(Silence.NO_CONNECTION.value) from None
        return _Line(_Whole(host, whole), until)

    def _secured(self, sock: socket.socket, host: str) -> ssl.SSLSocket:
        with self._lock:
            if self._tls is None:
                self._tls = httpx.create_ssl_context(trust_env=False)
        try:
            return self._tls.wrap_socket(sock, server_hostname=host)
        except OSError:
            sock.close()
            raise

    def _post(self, line: _Line, url: str, internal: bool, body: bytes, signed: Mapping[str, str]) -> str:
        target = urlsplit(url)
        connection = line.connection
        try:
            connection.request(
                "POST",
                f"{target.path or '/'}{'?' if target.query else ''}{target.query}",
                body,
                {
                    "Host": target.netloc,
                    "Content-Type": "application/json",
                    "User-Agent": "miaohu",
                    **signed,
                },
            )
            answer = connection.answer()
        except BaseException:
            connection.close()
            raise
        self._keep(line, (url, internal), answer)
        return str(answer.status)

    def _keep(self, line: _Line, of: tuple[str, bool], answer: HTTPResponse) -> None:
        """Keep the connection if its answer is whole, or short enough to be taken off the wire."""
        try:
            if answer.length is not None and answer.length <= SHORT and not answer.chunked:
                answer.read()
        except (OSError, HTTPException):
            line.connection.close()
            return
        if not answer.isclosed() or answer.will_close:
            answer.close()
            line.connection.close()
            return
        with self._lock:
            self._kept.setdefault(of, []).append(line)
