"""What a receiver answered to a message, in words. Pure: of an answer only its status is ever known.

What is stored is the HTTP status, or why there was no answer; what nobody declared is shown as it is stored.
"""

from __future__ import annotations

from features.language import Text, Worded


class Silence(Worded):
    """Why a receiver gave no answer. The values are stored."""

    TIMEOUT = ("timeout", "没有及时回应", "It did not answer in time")
    NO_CONNECTION = ("no connection", "连接不上", "No connection could be made")
    ADDRESS_REFUSED = ("address refused", "登记的地址不允许发送", "Nothing may be sent to its address")
    NAME_NOT_FOUND = ("name not found", "找不到这个主机名", "Its host name is not known")


# The first that fits: a status, or all that begin so.
STATUSES: tuple[tuple[str, Text], ...] = (
    ("3", Text("对方要求转到别的地址，本系统不跟随", "It points to another address, which is not followed")),
    ("401", Text("对方不认可签名", "It does not accept the signature")),
    ("403", Text("对方不允许本系统发送", "It does not let this system send")),
    ("404", Text("对方没有这个接收地址", "It has nothing at this address")),
    ("410", Text("对方不再接收", "It wants to be told no more")),
    ("429", Text("对方说消息太多", "It was sent too much at once")),
    ("4", Text("对方不接受这条消息", "It does not accept the message")),
    ("502", Text("对方的网关连不上后台", "Its gateway could not reach it")),
    ("503", Text("对方暂时停止服务", "It was out of service")),
    ("504", Text("对方的网关等不到回应", "Its gateway waited in vain")),
    ("5", Text("对方内部出错", "Something failed inside it")),
)


def answer_words(stored: str) -> Text:
    """What was stored of the last answer, in words; empty if nothing was tried."""
    for silence in Silence:
        if stored == silence.value:
            return silence.title
    for start, words in STATUSES:
        if stored.startswith(start):
            return words
    return Text(stored, stored)
