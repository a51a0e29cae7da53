"""One message over the wire: to the address that was checked, in the name that was registered, and no further."""

import datetime
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serving.posting import CHECKED_SECONDS, SHORT, Poster, Unreachable
from tests.integration.test_webhooks import delivery, messages, register
from tests.support_review import NAMES, alert, open_cases


class Got(list):
    """What a receiver got; `lines` counts connections made to it."""

    lines = 0


@contextmanager
def listening(status=204, location="", body=b"", closes=False, tls=None):
    """A receiver on loopback; yields its port and what it got."""
    got = Got()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            got.lines += 1

        def do_POST(self):
            got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            # Without a word of it in the answer, as servers with a short patience do.
            self.close_connection = closes

        do_GET = do_POST

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def poster(resolve=loopback, seconds=lambda: 0.0, **more) -> Poster:
    return Poster(resolve, seconds, **more)


def test_a_message_goes_to_the_address_that_was_checked_in_the_name_that_was_registered():
    with listening() as (port, got), poster() as post:
        result = post(f"http://cases.internal:{port}/hooks?x=1", True, b"{}", {"webhook-id": "msg_1"})

    assert result == "204"
    [(path, headers, body)] = got
    assert (path, body, headers["webhook-id"]) == ("/hooks?x=1", b"{}", "msg_1")
    assert headers["Host"] == f"cases.internal:{port}"
    assert headers["Content-Type"] == "application/json"


def test_a_redirect_is_not_followed_and_an_answer_is_not_read_on(store, caplog):
    caplog.set_level("DEBUG", logger="miaohu")
    with listening(302, "http://127.0.0.1:1/", NAMES["c-one"].encode()) as (port, got), poster() as post:
        register(store, f"http://cases.internal:{port}/", internal=True)
        open_cases(store, [alert("c-one")])
        done = delivery(store, post).turn()

    assert (done.taken, done.failed, len(got)) == (0, 1, 1)
    assert messages(store)[0].last_result == "302"
    assert NAMES["c-one"] not in caplog.text
    assert "did not take 1 of 1 messages" in caplog.text


@pytest.mark.parametrize(
    ("url", "internal", "resolve", "said"),
    [
        ("https://cases.example.org/", False, loopback, "address refused"),
        ("https://cases.example.org/", True, lambda *_: ["169.254.169.254"], "address refused"),
        ("http://cases.example.org/", False, lambda *_: ["93.184.216.34"], "address refused"),
        ("http://127.0.0.1:9/", True, loopback, "no connection"),
    ],
)
def test_an_address_that_may_not_be_sent_to_gets_nothing(url, internal, resolve, said):
    with poster(resolve) as post, pytest.raises(Unreachable, match=said):
        post(url, internal, b"{}", {})


def test_a_name_that_is_not_found_and_a_receiver_too_slow_are_told_apart():
    def nothing(*_):
        raise OSError

    with poster(nothing) as post, pytest.raises(Unreachable, match="name not found"):
        post("https://cases.example.org/", False, b"{}", {})
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        poster(timeout_seconds=0.05) as post,
        pytest.raises(Unreachable, match="timeout"),
    ):
        post(f"http://cases.internal:{silent.getsockname()[1]}/", True, b"{}", {})


def test_one_connection_carries_message_after_message_until_its_address_must_be_checked_again():
    clock, asked = [0.0], []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) < 3 else ["169.254.169.254"]

    with listening() as (port, got), poster(resolve, lambda: clock[0]) as post:
        url = f"http://cases.internal:{port}/"
        for _ in range(5):
            assert post(url, True, b"{}", {}) == "204"
        assert (got.lines, len(asked)) == (1, 1)
        clock[0] = CHECKED_SECONDS
        assert post(url, True, b"{}", {}) == "204"
        assert (got.lines, len(asked)) == (2, 2)
        clock[0] = 2 * CHECKED_SECONDS
        with pytest.raises(Unreachable, match="address refused"):
            post(url, True, b"{}", {})

    assert len(got) == 6


def test_a_receiver_that_closes_after_each_message_gets_each_over_a_connection_of_its_own():
    with listening(closes=True) as (port, got), poster() as post:
        results = [post(f"http://cases.internal:{port}/", True, b"{}", {}) for _ in range(3)]

    assert (results, len(got), got.lines) == (["204"] * 3, 3, 3)


@pytest.mark.parametrize(("length", "lines"), [(SHORT, 1), (SHORT + 1, 2)])
def test_a_short_answer_is_taken_off_the_wire_and_a_long_one_ends_the_connection(length, lines):
    with listening(200, body=b"x" * length) as (port, got), poster() as post:
        assert [post(f"http://cases.internal:{port}/", True, b"{}", {}) for _ in range(2)] == ["200"] * 2

    assert got.lines == lines


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 2"])
def test_an_answer_that_is_none_is_no_connection(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once():
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(answer)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        with poster() as post, pytest.raises(Unreachable, match="no connection"):
            post(f"http://cases.internal:{server.getsockname()[1]}/", True, b"{}", {})
        thread.join()


def certificate(tmp_path, name):
    """A certificate of this name, made by nobody but itself; the files of it and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    whole = tmp_path / f"{name}.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    whole.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return whole


@pytest.mark.parametrize(
    ("named", "believed", "result"),
    [
        ("cases.internal", True, "204"),
        ("cases.internal", False, "no connection"),
        ("other.internal", True, "no connection"),
    ],
)
def test_the_certificate_is_the_names_whatever_address_it_has(tmp_path, named, believed, result):
    file = certificate(tmp_path, named)
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(file)
    trusted = ssl.create_default_context(cafile=file) if believed else None
    with listening(tls=serves) as (port, got), poster(trusted=trusted) as post:
        url = f"https://cases.internal:{port}/"
        if result == "204":
            assert [post(url, True, b"{}", {}) for _ in range(2)] == ["204", "204"]
            assert got.lines == 1
        else:
            with pytest.raises(Unreachable, match=result):
                post(url, True, b"{}", {})
            assert got == []
