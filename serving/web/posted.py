"""What a form sent: the fields, each once, after a look at where it was sent from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

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
