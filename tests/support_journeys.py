"""Journeys through the pages as rows of data, and whoever walks them in a real browser.

A row names what a person does by the words on the page, in both languages, so a page may be built anew
without a journey noticing, and a word that is missing in one language stops it. After every row the page is
looked at: the whole of it in one language, no wider than its screen, nothing on its console.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review.case import Role
from serving.review.store import Store
from serving.review.tables import AuditEvent, Case
from serving.web.text import WORDS
from tests import support_pages
from tests import support_review as support

# The child most journeys are about; names are made up.
NAMES = {"c-one": "张小明", "c-two": "李安", "c-three": "欧阳静"} | {
    f"child-{number:02}": f"{surname}晓" for number, surname in enumerate("王周吴徐孙胡朱高林何")
}
# Latin words that a Chinese page holds rightly, beside those in capitals: names of staff here, CSV, PSI.
LATIN = frozenset({"English", "Miaohu"})
# Chinese that an English page holds rightly: a child's masked name, a document's number, the other language.
CHINESE = re.compile(r"[\u4e00-\u9fff]\*+|[\u4e00-\u9fff（）]*〔\d{4}〕\d+号[\u4e00-\u9fff（）]*")


def said(name: str, **values: object) -> Text:
    """A wording of the pages in both languages."""
    return Text(*(WORDS[name][language].format(**values) for language in ("zh", "en")))


def both(text: str) -> Text:
    """The same in both languages: a number, a date."""
    return Text(text, text)


# --- rows -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class As:
    """Somebody of this role sits down before the page they left last."""

    role: Role


@dataclass(frozen=True)
class Open:
    """An address is typed in; `{c-one}` stands for the case of that child."""

    address: str


@dataclass(frozen=True)
class Menu:
    """A page is chosen in the head."""

    name: Text


@dataclass(frozen=True)
class Follow:
    """A link on the page is followed; `{c-one}` stands for the case of that child."""

    name: Text


@dataclass(frozen=True)
class Press:
    """A button is pressed that needs nothing filled in."""

    name: Text


@dataclass(frozen=True)
class Fill:
    """A form is opened if it is folded, filled label by label, and sent by its button."""

    button: Text
    answers: tuple[tuple[Text, Text], ...] = ()
    fold: Text | None = None


@dataclass(frozen=True)
class Keys:
    """Keys are pressed, one after the other; `turns` if the last of them leads to another page."""

    keys: tuple[str, ...]
    turns: bool = False


@dataclass(frozen=True)
class Types:
    """Words are typed wherever the keyboard is."""

    words: Text


@dataclass(frozen=True)
class Reach:
    """Tab is pressed until the keyboard is at this field, choice or button, and no more than 40 times."""

    name: Text


@dataclass(frozen=True)
class Sees:
    """The page says all of this."""

    words: tuple[Text, ...]


@dataclass(frozen=True)
class SeesNot:
    """The page says none of this, not even where it is folded."""

    words: tuple[Text, ...]


@dataclass(frozen=True)
class Takes:
    """A button gives a file: its name, how it begins, and what it says."""

    button: Text
    name: str
    words: tuple[Text, ...]


@dataclass(frozen=True)
class Prints:
    """The page's own button prints it; paper says who printed it and shows no button."""

    button: Text


@dataclass(frozen=True)
class Meanwhile:
    """Something happens in the store without anybody at a page."""

    happens: Callable[[Store], None]


Row = (
    As
    | Open
    | Menu
    | Follow
    | Press
    | Fill
    | Keys
    | Reach
    | Types
    | Sees
    | SeesNot
    | Takes
    | Prints
    | Meanwhile
)
# Rows that leave the page as it was: it has been looked at already.
STILL = (Keys, Reach, Types, Sees, SeesNot, Meanwhile)


def times(count: int, *rows: Row) -> tuple[Row, ...]:
    """The same rows again and again."""
    return rows * count


@dataclass(frozen=True, kw_only=True)
class Journey:
    """Who does what, and what is then in the store.

    `log`: the verbs the log has kept since the journey began, in their order. `kept`: what else is read out
    of the store at the end; `leaves`: what it must be, worded by language where somebody wrote it.
    """

    name: str
    viewport: Mapping[str, int]
    before: Callable[[Store], None]
    rows: tuple[Row, ...]
    log: tuple[str, ...]
    kept: Callable[[Session], Mapping[str, object]]
    leaves: Mapping[str, object]
    deps: Mapping[str, Any] = field(default_factory=dict)


# --- walking --------------------------------------------------------------------------------------------


def walk(
    journey: Journey, browser: Browser, folder: Path, language: str
) -> tuple[tuple[str, ...], Mapping[str, object]]:
    """Walk a journey in this language on a store of its own; what the log and the store keep of it."""
    store = support.open_store(folder)
    try:
        journey.before(store)
        with store.read() as session:
            began = session.scalar(select(func.max(AuditEvent.number))) or 0
        deps = support_pages.deps_of(store, **({"names": _names} | dict(journey.deps)))
        with support_pages.served(deps) as address, ExitStack() as stack:
            walker = _Walker(browser, store, address, language, journey.viewport, stack)
            for row in journey.rows:
                walker.do(row)
        with store.read() as session:
            log = session.execute(
                select(AuditEvent.verb)
                .where(AuditEvent.number > began, AuditEvent.verb.not_in(("sign_in", "sign_out")))
                .order_by(AuditEvent.number)
            ).scalars()
            return tuple(log), journey.kept(session)
    finally:
        store.close()


def name_of(role: Role) -> str:
    """The name of somebody of this role, which is in no language."""
    return f"·{role.value.replace('_', ' ').upper()}·"


def people(store: Store, *roles: Role, **more: str) -> None:
    """An account of each role; `more`: further child directors, their display names by user name."""
    for role in roles:
        support.add_account(store, role, display_name=name_of(role))
    for username, display_name in more.items():
        support.add_account(store, username=username, display_name=display_name)


def _names(keys: object) -> dict[str, str]:
    return {key: NAMES[key] for key in keys if key in NAMES}  # type: ignore[attr-defined]


def worded(language: str, value: object) -> object:
    """A value with what people wrote in it in this language."""
    if isinstance(value, Text):
        return value[language]
    if isinstance(value, Mapping):
        return {key: worded(language, each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value)(worded(language, each) for each in value)
    return value


# Everything the page says, folded or not, but for what it says in a language of its own.
_READ = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    if (!inside.closest('script, kbd, body [lang]')) found.push(walker.currentNode.data);
  }
  for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (one.hasAttribute(name)) found.push(one.getAttribute(name));
  return {
    said: found.map((text) => text.trim()).filter(Boolean),
    lang: document.documentElement.lang,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}"""


# What the keyboard is at: the label of a field, the question of a choice, the words of a button or link.
_AT = """() => {
  const at = document.activeElement;
  const group = at.type === 'radio' ? at.closest('fieldset').querySelector('legend') : null;
  return [group, at.labels && at.labels[0], at].map((one) => one ? one.textContent.trim() : '');
}"""


class _Walker:
    def __init__(
        self, browser: Browser, store: Store, address: str, language: str, viewport: Any, stack: ExitStack
    ) -> None:
        self.browser, self.store, self.address, self.language = browser, store, address, language
        self.viewport, self.stack = viewport, stack
        self.pages: dict[Role, Page] = {}
        self.complaints: list[str] = []
        self.page: Page

    def do(self, row: Row) -> None:
        match row:
            case As():
                self._sit_down(row.role)
            case Open():
                self.page.goto(self.address + self._with_cases(row.address))
            case Menu():
                self._menu(row.name)
            case Follow():
                name = self._with_cases(row.name[self.language])
                self._turn(self.page.locator("main").get_by_role("link", name=name, exact=True).first)
            case Press():
                self._turn(self._button(self.page.locator("main"), row.name))
            case Fill():
                self._fill(row)
            case Keys():
                self._keys(row)
            case Reach():
                self._reach(row.name[self.language])
            case Types():
                self.page.keyboard.insert_text(row.words[self.language])
            case Sees():
                for words in row.words:
                    expect(self.page.locator("main")).to_contain_text(
                        self._with_cases(words[self.language]), use_inner_text=True
                    )
            case SeesNot():
                told = self.page.locator("main").text_content() or ""
                for words in row.words:
                    assert words[self.language] not in told, words
            case Takes():
                self._take(row)
            case Prints():
                self._print(row)
            case Meanwhile():
                row.happens(self.store)
        if not isinstance(row, STILL) or (isinstance(row, Keys) and row.turns):
            self._look(row)

    # --- what a person does ------------------------------------------------------------------------

    def _sit_down(self, role: Role) -> None:
        if role not in self.pages:
            context = self.browser.new_context(viewport=self.viewport)
            self.stack.callback(context.close)
            page = context.new_page()
            page.on("console", lambda message: self.complaints.append(message.text))
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.on("response", lambda answer: answer.status >= 400 and self.complaints.append(answer.url))
            page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; }")
            support_pages.sign_in(page, self.address, role.value, self.language)
            self.pages[role] = page
        self.page = self.pages[role]

    def _menu(self, name: Text) -> None:
        opener = self.page.get_by_role("link", name=WORDS["nav.menu"][self.language], exact=True)
        if opener.is_visible():
            opener.click()
        menu = self.page.get_by_role("navigation", name=WORDS["nav.label"][self.language])
        self._turn(menu.get_by_role("link", name=name[self.language], exact=True))

    def _fill(self, row: Fill) -> None:
        main = self.page.locator("main")
        heading = (row.fold or row.button)[self.language]
        fold = main.locator("details").filter(
            has=self.page.locator("summary").filter(has_text=re.compile(f"^\\s*{re.escape(heading)}"))
        )
        scope = main
        if fold.count():
            scope = fold.first
            if scope.get_attribute("open") is None:
                scope.locator("summary").first.click()
        for label, answer in row.answers:
            self._answer(scope, label[self.language], self._with_cases(answer[self.language]))
        self._turn(self._button(scope, row.button))

    def _answer(self, scope: Locator, label: str, answer: str) -> None:
        group = scope.get_by_role("group", name=label, exact=True)
        if group.count():
            group.get_by_label(answer, exact=True).check()
            return
        one = scope.get_by_label(label, exact=True).first
        kind = one.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
        if kind == "select":
            one.select_option(label=answer)
        elif kind == "checkbox":
            one.check()
        else:
            one.fill(answer)

    def _keys(self, row: Keys) -> None:
        for key in row.keys[:-1] if row.turns else row.keys:
            self.page.keyboard.press(key)
        if row.turns:
            with self.page.expect_navigation():
                self.page.keyboard.press(row.keys[-1])

    def _reach(self, name: str) -> None:
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if name in self.page.evaluate(_AT):
                return
        raise AssertionError(f"the keyboard never came to “{name}”")

    def _take(self, row: Takes) -> None:
        with self.page.expect_download() as download:
            self._button(self.page.locator("main"), row.button).click()
        assert download.value.suggested_filename == row.name
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        for words in row.words:
            assert words[self.language] in text, words

    def _print(self, row: Prints) -> None:
        self._button(self.page.locator("main"), row.button).click()
        assert self.page.evaluate("window.printed") == 1
        self.page.emulate_media(media="print")
        expect(self.page.locator(".print-head")).to_be_visible()
        expect(self.page.get_by_role("button").filter(visible=True)).to_have_count(0)
        self.page.emulate_media(media="screen")

    # --- how the walker finds things ---------------------------------------------------------------

    def _button(self, scope: Locator, name: Text) -> Locator:
        return scope.get_by_role("button", name=name[self.language], exact=True).first

    def _turn(self, what: Locator) -> None:
        with self.page.expect_navigation():
            what.click()

    def _with_cases(self, text: str) -> str:
        def case_of(found: re.Match[str]) -> str:
            with self.store.read() as session:
                return session.scalars(
                    select(Case.id).where(Case.child_key == found[1]).order_by(Case.opened_at.desc())
                ).first()  # type: ignore[return-value]

        return re.sub(r"\{([a-z]+-[a-z0-9]+)\}", case_of, text)

    def _look(self, row: Row) -> None:
        """What must be so of every page, whatever a journey is about."""
        if not self.pages:
            return
        read = self.page.evaluate(_READ)
        assert read["lang"].startswith(self.language), row
        assert read["over"] <= 0, f"{self.page.url} is wider than the screen after {row}"
        with self.store.read() as session:
            ids = re.compile("|".join(session.scalars(select(Case.id))))
        strange = [text for text in read["said"] if foreign(ids.sub("", text), self.language)]
        assert strange == [], f"{strange} on {self.page.url}"
        assert self.complaints == [], self.complaints


def foreign(text: str, language: str) -> bool:
    """Whether a text of a page is, in part, in the other language, or is the name of a wording."""
    if language == "en":
        return bool(re.search(r"[\u4e00-\u9fff]", CHINESE.sub("", text)))
    words = re.findall(r"[A-Za-z]{3,}", re.sub(r"[A-Za-z]*\d[A-Za-z\d]*", "", text))
    return any(word not in LATIN and not word.isupper() for word in words)
