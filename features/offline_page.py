"""Pages that need nothing but a browser: one file, both languages, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jinja2


def write_page(name: str, folder: Path, **shown: Any) -> Path:
    """Fill the template of this name beside this module and write it into the folder."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return write_text(folder / name, environment.get_template(name).render(**shown))


def write_text(path: Path, text: str) -> Path:
    """Write a file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".writing")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return path


__all__ = ["write_page", "write_text"]
