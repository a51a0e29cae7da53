"""Signatures of webhooks: the published example, several secrets, and everything that must not pass."""

from datetime import UTC, datetime, timedelta

import pytest

from serving.signing import NotSigned, check, headers, secret_bytes, secret_text

SECRET = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = b"o" * 32
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
SENT = datetime.fromtimestamp(1614265330, UTC)
SIGNED = {
    "webhook-id": MESSAGE,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_example_comes_out_to_the_letter():
    assert headers(MESSAGE, SENT, BODY, [SECRET]) == SIGNED
    assert check(SIGNED, BODY, [SECRET], SENT) == MESSAGE


def test_every_live_secret_signs_and_any_of_them_is_enough():
    both = headers(MESSAGE, SENT, BODY, [OTHER, SECRET])

    assert len(both["webhook-signature"].split()) == 2
    assert check(both, BODY, [SECRET], SENT) == check(both, BODY, [OTHER], SENT) == MESSAGE
    assert check(SIGNED, BODY, [OTHER, SECRET], SENT) == MESSAGE


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,张"},
        {"webhook-signature": SIGNED["webhook-signature"].replace("v1,", "v1a,")},
        {"webhook-signature": SIGNED["webhook-signature"].replace("g0hM", "g0hN")},
    ],
)
def test_a_message_changed_anywhere_is_refused(changes):
    with pytest.raises(NotSigned):
        check(SIGNED | changes, BODY, [SECRET], SENT)


def test_another_body_or_another_secret_is_refused():
    with pytest.raises(NotSigned):
        check(SIGNED, BODY + b" ", [SECRET], SENT)
    with pytest.raises(NotSigned):
        check(SIGNED, BODY, [OTHER], SENT)
    with pytest.raises(NotSigned):
        check(SIGNED, BODY, [], SENT)


@pytest.mark.parametrize(("minutes", "passes"), [(-5, True), (5, True), (-5.1, False), (5.1, False)])
def test_a_message_of_another_time_is_refused(minutes, passes):
    now = SENT + timedelta(minutes=minutes)

    if passes:
        assert check(SIGNED, BODY, [SECRET], now) == MESSAGE
    else:
        with pytest.raises(NotSigned, match="too long ago"):
            check(SIGNED, BODY, [SECRET], now)


def test_a_secret_is_shown_and_read_as_the_standard_writes_it():
    assert secret_bytes(secret_text(OTHER)) == OTHER
    assert secret_text(OTHER).startswith("whsec_")
    with pytest.raises(ValueError, match="begins with whsec_"):
        secret_bytes("b3RoZXI=")
