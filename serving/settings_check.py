"""The settings looked over before anything starts: names nobody reads, and secrets others could read.

A mistyped name would otherwise leave its default in force without a word. Says names and modes, never a value
that could be a secret.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from features.identity import IdentityError, open_identity
from features.jurisdiction import ProfileError, load_profile
from features.keys import key_of_text
from features.settings import Settings, SettingsError, unknown_names

Say = Callable[[str], None]

SECRET = ("master_key", "next_master_key")


def add(commands: Any, say: Say) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check-settings", help="the settings in force, names nobody reads, secrets others could read"
    )
    parser.set_defaults(run=lambda settings, _: _check(settings, say))


def faults(settings: Settings) -> list[str]:
    """What must be put right before serving, in sentences."""
    found = [f"{name} is no setting; see the table in README.md." for name in unknown_names()]
    folder = settings.key_file.parent
    secrets = [settings.key_file, folder / "webhooks.key", settings.home / "identity.db"]
    if settings.oidc is not None and settings.oidc.secret_file is not None:
        secrets.append(settings.oidc.secret_file)
    if settings.review_url.startswith("sqlite:///"):
        secrets.append(Path(settings.review_url.removeprefix("sqlite:///")))
    found += [
        f"{path.name} may be read or written by others ({stat.filemode(path.stat().st_mode)}): chmod 600."
        for path in secrets
        if path.is_file() and path.stat().st_mode & 0o077
    ]
    for named in (_jurisdiction, _keys, _secret_of_provider):
        try:
            named(settings)
        except (ProfileError, IdentityError, SettingsError) as error:
            found.append(str(error))
    return found


# What settings name, looked at here as the service will: once it starts there is only a log to say it.


def _jurisdiction(settings: Settings) -> None:
    load_profile(settings.jurisdiction)


def _keys(settings: Settings) -> None:
    for setting in SECRET:
        if text := getattr(settings, setting):
            key_of_text(text, f"MIAOHU_{setting.upper()}")
    if not (settings.home / "identity.db").is_file():
        return  # It is made at the start, and so is its key.
    if not settings.master_key and not settings.key_file.is_file():
        # A new one would be made there otherwise, and open nothing.
        raise IdentityError(
            f"The data home has an identity store and {settings.key_file} holds no key for it: put its master"
            " key back, or name its place with MIAOHU_KEY_FILE."
        )
    open_identity(settings).close()


def _secret_of_provider(settings: Settings) -> None:
    if settings.oidc is not None and settings.oidc.secret_file is not None:
        from serving.bootstrap import read_secret  # heavy to load, and few have a provider

        read_secret(settings.oidc.secret_file)


def cautions(settings: Settings) -> list[str]:
    """What is allowed, and seldom meant."""
    found = []
    if not _only_here(settings.host) and not settings.secure_cookies:
        found.append(
            f"MIAOHU_HOST is {settings.host} and MIAOHU_SECURE_COOKIES is no: without TLS before it,"
            " passwords and keys travel in the clear."
        )
    if settings.home.is_dir() and (mode := settings.home.stat().st_mode) & 0o007:
        found.append(
            f"Everybody on this machine may look into the data home ({stat.filemode(mode)}), where children's"
            " records lie under pseudonyms: chmod 700."
        )
    if not settings.home.is_dir():
        found.append(
            f"There is no data home {settings.home} yet: an empty one is made. Is MIAOHU_HOME right?"
        )
    if settings.master_key:
        found.append(
            "MIAOHU_MASTER_KEY lies in the environment; a file that only the service may read is safer."
        )
    return found


def _only_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(settings: Settings, say: Say) -> int:
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.name in SECRET:
            value = "set, not shown" if value else "not set"
        elif one.name == "review_url":
            value = _without_password(value)
        say(f"{one.name:<18} {value}")
    for sentence in cautions(settings):
        say(f"MIND: {sentence}")
    found = faults(settings)
    for sentence in found:
        say(f"WRONG: {sentence}")
    return 1 if found else 0


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "no database address"
