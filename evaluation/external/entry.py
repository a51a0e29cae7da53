"""One place in a declaration file: takes what is there by its type and refuses the rest in a sentence.

Every refusal names the file and the key. A key nobody asked for is refused too: a misspelt one would
otherwise be a wish silently not granted.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from features.language import Text


class TableError(ValueError):
    """A table or a declaration that cannot be used; the message says where, why and what is allowed."""


def read_toml(path: Path) -> dict[str, Any]:
    """The file's contents; TableError with the line where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise TableError(f"{path.name} is not written in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{path.name} cannot be read as TOML: {error}.") from None


def code(value: object) -> str:
    """A cell or a declared value as text that compares: 1, 1.0 and "01" are one value, " a" and "a" too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value).strip()
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return code(number)
    return text.lower() if text.lower() in ("true", "false") else text


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class Entry:
    """A table of a declaration file, taken key by key."""

    def __init__(self, file: str, path: str, held: dict[str, Any]) -> None:
        self.file, self.path, self.held = file, path, held
        self._asked: list[str] = []

    @property
    def key(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    @property
    def where(self) -> str:
        """File and place, to begin a sentence with."""
        return f"{self.file}: [{self.path}]" if self.path else self.file

    def refuse(self, key: str, allowed: str) -> TableError:
        """The error that says what this key may be."""
        given = f"is {self.held[key]!r}" if key in self.held else "is not given"
        return TableError(f"{self.where} {key} {given}; it must be {allowed}.")

    def _take(self, key: str) -> Any:
        self._asked.append(key)
        return self.held.get(key)

    def finish(self) -> None:
        """Refuse every key nobody asked for."""
        for key in self.held:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, 1)
                meant = f" Was {near[0]} meant?" if near else ""
                raise TableError(
                    f"{self.where} has the key {key!r}, which means nothing here;"
                    f" allowed are {', '.join(self._asked)}.{meant}"
                )

    def text(self, key: str, default: str) -> str:
        """Text, or the default."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str) or not value:
            raise self.refuse(key, "text between quotes")
        return value

    def word(self, key: str) -> str:
        """A name in lower case, required."""
        value = self._take(key)
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise self.refuse(key, 'a word in lower case, as in name = "county_survey"')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none if it is not given."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.refuse(key, 'a list of names, as in ["a", "b"]')
        return tuple(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, "true or false")
        return value

    def number(self, key: str, default: float | None) -> float | None:
        """A finite number, or the default."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse(key, "a number")
        return float(value)

    def moment(self, key: str) -> float | str | None:
        """A number, or text or a date that sorts as time does."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and value:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse(key, 'a number, a date, or text that sorts as time does, as in "2014B"')
        return float(value)

    def choice(self, key: str, allowed: Sequence[str], default: str | None) -> str:
        """One of these words; required where there is no default."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or value not in allowed:
            raise self.refuse(key, f"one of {', '.join(allowed) or '(none is declared)'}")
        return value

    def codes(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of values as they stand in the table, as text that compares."""
        value = self._take(key)
        if value is None:
            return default
        plain = isinstance(value, list) and all(isinstance(one, str | int | float | bool) for one in value)
        if not plain:
            raise self.refuse(key, 'a list of values, as in [-9, "unknown"]')
        return tuple(code(one) for one in value)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A table by name; empty if it is not given."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.refuse(key, "a table, as in { name = … }")
        return value

    def numbers_by_code(self, key: str) -> dict[str, float]:
        """Value to number."""
        found = {}
        for name, value in self.mapping(key).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise self.refuse(key, 'numbers by value, as in { "never" = 0, "often" = 2 }')
            found[code(name)] = float(value)
        return found

    def rising(self, key: str) -> tuple[float, ...]:
        """Rising numbers; none if it is not given."""
        value = self._take(key)
        if value is None:
            return ()
        numbers = isinstance(value, list) and all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in value
        )
        if not numbers or value != sorted(set(value)):
            raise self.refuse(key, "a list of rising numbers")
        return tuple(float(one) for one in value)

    def wording(self, key: str, default: Text) -> Text:
        """Words in both languages."""
        value = self._take(key)
        return default if value is None else self._worded(value, key)

    def own_wording(self, default: str, last: bool = True) -> Text:
        """The entry's own zh and en. With `last` it may hold nothing else."""
        held = {key: self.held[key] for key in ("zh", "en") if key in self.held}
        self._asked += ["zh", "en"]
        if last:
            self.finish()
        return self._worded(held, "its wording") if held else Text(default, default)

    def _worded(self, value: object, key: str) -> Text:
        if not isinstance(value, dict) or set(value) != {"zh", "en"}:
            raise TableError(f"{self.where} {key}: words are given in both languages, zh and en.")
        if not all(isinstance(words, str) and words.strip() for words in value.values()):
            raise TableError(f"{self.where} {key}: neither zh nor en may be blank.")
        return Text(value["zh"], value["en"])

    def entry(self, key: str) -> Entry:
        """The table of this name; an empty one if it is not given."""
        return Entry(self.file, f"{self.path}.{key}" if self.path else key, dict(self.mapping(key)))

    def entries(self, key: str, shorthand: str = "") -> tuple[Entry, ...]:
        """The tables inside the table of this name. A bare text stands for its one key `shorthand`."""
        found = []
        for name, value in self.mapping(key).items():
            held = {shorthand: value} if shorthand and isinstance(value, str) else value
            if not isinstance(held, dict):
                raise TableError(f"{self.where} [{key}] {name} must be a table, as in {name} = {{ … }}.")
            path = f"{self.path}.{key}.{name}" if self.path else f"{key}.{name}"
            found.append(Entry(self.file, path, held))
        return tuple(found)
