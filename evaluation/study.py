"""What no program can know of a study: who approved it, who paid, who was asked. The deployment states it.

A text file in the data home, `study.toml`, one line a key, each with `zh` and `en`:

    [ethics]
    zh = "……"
    en = "…"

What is not stated is shown as not stated, never left out and never made up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from features.language import Text

STUDY: Mapping[str, Text] = {
    "ethics": Text("伦理审查", "Ethics review"),
    "funding": Text("经费来源与资助方的作用", "Funding, and the funders' part"),
    "interests": Text("利益冲突", "Conflicts of interest"),
    "protocol": Text("研究方案", "Protocol"),
    "registration": Text("研究登记", "Registration"),
    "data_access": Text("数据能否获取", "Whether the data can be had"),
    "involvement": Text("儿童、家长与工作人员的参与", "How children, parents and workers were involved"),
    "setting": Text("在何处、由谁使用", "Where it is used and by whom"),
    "inequalities": Text("已知的群体间差异", "Known differences between groups"),
}


class StudyError(ValueError):
    """A statement that cannot be read; the message says which line and what is allowed."""


def read_study(path: Path) -> dict[str, Text]:
    """The deployment's statements; empty if it has made none. Raises StudyError."""
    if not path.is_file():
        return {}
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path.name} cannot be read: {error}.") from None
    unknown = sorted(set(stated) - set(STUDY))
    if unknown:
        raise StudyError(f"{path.name} states {', '.join(unknown)}; it may state {', '.join(STUDY)}.")
    found = {}
    for key, said in stated.items():
        if not isinstance(said, dict) or set(said) != {"zh", "en"}:
            raise StudyError(f"{path.name}: [{key}] needs zh and en, and nothing else.")
        if not all(isinstance(text, str) and text.strip() for text in said.values()):
            raise StudyError(f"{path.name}: [{key}] needs words in both languages.")
        found[key] = Text(said["zh"], said["en"])
    return found
