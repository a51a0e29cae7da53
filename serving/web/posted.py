"""What a form sent, each field once, after a look at where it came from; and the number in an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from serving.web.guard import check_origin


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once, with the line ends of all browsers made one.

    A NUL, which nobody types and PostgreSQL cannot hold, is left out.
    """
    check_origin(request.headers)
    form = await request.form(max_files=0, max_fields=300)
    return {
        name: value.replace("\r\n", "\n").replace("\0", "")
        for name, value in form.items()
        if isinstance(value, str)
    }


Form = Annotated[Mapping[str, str], Depends(_form)]


def number_in_address(text: str) -> int:
    """The number of a row as an address gives it; what is none leads nowhere."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise HTTPException(404)
    return int(text)
