"""The tables of the door: sign-ins begun at a provider.

Same rules as in `tables`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from serving.review.tables import Table, plain


class SignInAttempt(Table):
    """A sign-in begun at a provider and not answered yet; the answer takes the row away.

    Of the state and the browser's own secret only hashes are kept.
    """

    __tablename__ = "sign_in_attempts"

    state_hash: Mapped[str] = plain(primary_key=True)
    browser_hash: Mapped[str] = plain()
    nonce: Mapped[str] = plain()
    verifier: Mapped[str] = plain()
    onward: Mapped[str] = plain()
    expires_at: Mapped[datetime] = plain(index=True)
