"""Keeps a date in one piece: a browser ends a line within 2026-10-01, after a hyphen, if nobody objects.

A filter of the templates for text that may hold a date beside other words. What is no date is left as it was,
for the templates to escape.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# With the time of day that stands behind it.
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2})?)")


def whole_dates(text: str) -> str:
    """The text with each date marked as one piece; escaped where it holds one."""
    parts = _DATE.split(text)
    if len(parts) == 1:
        return text
    return Markup("").join(
        Markup('<span class="date">{}</span>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
