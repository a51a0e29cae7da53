"""Why an OpenID Connect provider signed nobody in: a code for the log, a sentence for the page.

Apart from what asks the provider, since every page of ours knows these and few deployments have a provider.
Nothing of what the provider or a browser sent is in them.
"""

from __future__ import annotations

import math

from features.language import Text


class SignInRefused(Exception):
    """Why nobody was signed in: a code for the log, a sentence for the page.

    `vouched`: the provider did send somebody, so that the log should hold it. `wait`: seconds until it may
    be tried again, if that is the reason.
    """

    def __init__(self, why: str, sentence: Text, *, vouched: bool = False, wait: int = 0) -> None:
        super().__init__(why)
        self.wait = wait
        self.why = why
        self.sentence = sentence
        self.vouched = vouched


def unreachable() -> SignInRefused:
    """No answer, or none that can be read."""
    return SignInRefused(
        "unreachable",
        Text(
            "统一身份认证暂时无法使用，请稍后再试；若一直如此，请联系管理员。",
            "The sign-in provider cannot be used just now; try again later, or tell your administrator.",
        ),
    )


def too_many(wait: float) -> SignInRefused:
    """This address begins sign-ins faster than people do."""
    return SignInRefused(
        "too_many",
        Text(
            "从这个网络地址发起的登录太多，请稍候再试。",
            "Too many sign-ins were begun from this address; please wait a little and try again.",
        ),
        wait=math.ceil(wait),
    )


def declined() -> SignInRefused:
    """The provider signed nobody in."""
    return SignInRefused(
        "declined",
        Text(
            "统一身份认证没有完成登录，请重新登录。",
            "The sign-in provider signed nobody in; please try again.",
        ),
    )


def not_ours() -> SignInRefused:
    """An answer to an attempt that this browser did not begin, or that was answered or is over."""
    return SignInRefused(
        "not_ours",
        Text(
            "这次登录已过期或已用过，请重新登录。",
            "This sign-in is over or was used already; please sign in again.",
        ),
    )


def bad_token(why: str) -> SignInRefused:
    """A token that proves nothing."""
    return SignInRefused(
        f"token_{why}",
        Text(
            "统一身份认证给出的凭据没有通过核验，没有登录；请联系管理员。",
            "What the sign-in provider sent did not pass the checks, so nobody was signed in;"
            " please tell your administrator.",
        ),
        vouched=True,
    )


def no_second_factor() -> SignInRefused:
    """Who signed in there did so with less than is asked here."""
    return SignInRefused(
        "second_factor",
        Text(
            "本系统要求在统一身份认证处使用第二因素（如动态口令）登录。",
            "This service asks for a second factor at the sign-in provider, such as a one-time code.",
        ),
        vouched=True,
    )
