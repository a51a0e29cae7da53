"""Chinese names taken apart for comparison: surname, given name, and how both are read.

A homophone written by a clerk differs in the character and not in the reading, so names are compared
by toneless pinyin too. Every character is read by itself: a dictionary of words would read the same
character differently in two names. Characters that are read otherwise as a surname are listed here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

# Read in their everyday way these would part a name from its own homophones.
SURNAME_READINGS: dict[str, str] = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "盖": "ge", "朴": "piao",
    "缪": "miao", "翟": "zhai", "任": "ren", "华": "hua", "乐": "yue", "折": "she", "黑": "he", "种": "chong",
    "员": "yun", "隗": "wei", "覃": "qin", "繁": "po", "冼": "xian", "洗": "xian", "逄": "pang", "佴": "nai",
    "谌": "chen", "晁": "chao", "那": "na", "召": "shao", "祭": "zhai", "葛": "ge", "应": "ying", "燕": "yan",
    "纪": "ji", "宁": "ning", "乜": "nie", "秘": "bi", "曲": "qu", "石": "shi", "车": "che", "阚": "kan",
    "卜": "bu", "尉": "wei", "柏": "bai", "郇": "xun", "幺": "yao", "哈": "ha", "角": "jue", "句": "gou",
    "莘": "shen", "眭": "sui", "郗": "xi", "洪": "hong", "都": "du", "冯": "feng", "重": "chong", "呙": "guo",
    "尉迟": "yuchi", "万俟": "moqi", "令狐": "linghu", "长孙": "zhangsun", "澹台": "tantai", "单于": "chanyu",
}  # fmt: skip
_COMPOUND = frozenset((
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒",
    "司空", "夏侯", "端木", "百里", "南宫", "西门", "万俟", "长孙", "宇文", "轩辕", "钟离",
    "闻人", "濮阳", "澹台", "公冶", "宗政", "太叔", "申屠", "仲孙", "赫连", "单于", "呼延",
    "第五", "东郭", "独孤", "拓跋", "完颜", "闾丘",
))  # fmt: skip
# Written between the parts of names that are not Han: 阿依古丽·买买提.
_POINTS = re.compile(r"[·・•‧∙.]")


@dataclass(frozen=True)
class NameParts:
    """A name as comparisons need it; all empty for an empty name. Readings have no tones and no blanks."""

    name: str = ""
    surname: str = ""
    given: str = ""
    surname_py: str = ""
    given_py: str = ""
    initials: str = ""

    @property
    def py(self) -> str:
        """How the whole name is read, surname and given name apart."""
        return f"{self.surname_py} {self.given_py}".strip()

    def __repr__(self) -> str:
        return "NameParts(sealed)"


@lru_cache(maxsize=200_000)
def name_parts(text: str) -> NameParts:
    """The parts of a name as written in a delivery; blanks and full-width forms do not matter."""
    plain = unicodedata.normalize("NFKC", text).strip()
    pointed = [part.strip() for part in _POINTS.split(plain) if part.strip()]
    if len(pointed) > 1:
        # In such names the given name stands first, and there is no surname in the Han sense.
        surname, given = pointed[-1], "".join(pointed[:-1])
    elif not plain.isascii():
        plain = "".join(plain.split())
        length = 2 if len(plain) > 2 and plain[:2] in _COMPOUND else 1
        surname, given = plain[:length], plain[length:]
    else:
        # A passport's name: the surname stands last.
        words = plain.upper().split()
        surname, given = (words[-1], " ".join(words[:-1])) if words else ("", "")
    surname_py = SURNAME_READINGS.get(surname) or "".join(map(_reading, surname))
    readings = [_reading(character) for character in given if not character.isspace()]
    return NameParts(
        name=plain if len(pointed) < 2 else surname + given,
        surname=surname,
        given=given,
        surname_py=surname_py,
        given_py="".join(readings),
        initials=surname_py[:1] + "".join(reading[:1] for reading in readings),
    )


@lru_cache(maxsize=30_000)
def _reading(character: str) -> str:
    if character.isascii():
        return character.lower()
    return str(lazy_pinyin(character)[0])
