"""A table from its file, as it stands there, and the hash that names it for ever.

CSV (comma, semicolon, tab; gzipped or not), Parquet (a file, or a folder of parts), Stata and SAS. SPSS and
Excel files are refused with what to do instead: they need readers this project does not carry. Nothing is
guessed of what values mean; that is declared. No message holds a cell, but for codes that many rows share.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import ArrowInvalid

from evaluation.external.declaration import Declaration, Layout
from evaluation.external.entry import TableError, code

SEPARATORS = (",", ";", "\t", "|")
CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
INSTEAD = {
    ".sav": "SPSS files are not read: save it as Stata (.dta) or CSV with value codes, not labels",
    ".xlsx": "Excel files are not read: save the sheet as CSV in UTF-8",
    ".xls": "Excel files are not read: save the sheet as CSV in UTF-8",
    ".json": "JSON is not read: save the table as CSV or Parquet",
    ".rds": "R files are not read: save the table as CSV or Parquet",
}
ALLOWED = "CSV (.csv, .tsv, .txt, .gz), Parquet (a file or a folder), Stata (.dta) and SAS (.sas7bdat, .xpt)"


def table_hash(path: Path) -> str:
    """Hash of the bytes of the file, or of all files in the folder."""
    digest = hashlib.sha256()
    for part in _files(path):
        digest.update(part.relative_to(path if path.is_dir() else path.parent).as_posix().encode())
        with part.open("rb") as held:
            while block := held.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise TableError(f"There is no file or folder {path.name} to read a table from.")
    if path.is_file():
        yield path
        return
    yield from sorted(part for part in path.rglob("*") if part.is_file() and not part.name.startswith("."))


def read_table(path: Path, declaration: Declaration) -> pd.DataFrame:
    """Every row and column as it stands there. CSV cells are text; TableError says what cannot be read."""
    return check_columns(read_plain(path, declaration.layout), path, declaration)


def check_columns(frame: pd.DataFrame, path: Path, declaration: Declaration) -> pd.DataFrame:
    """The frame, if it has every column the declaration names; else TableError with those that come near."""
    lacking = [name for name in declaration.read if name not in frame]
    if lacking:
        near = difflib.get_close_matches(lacking[0], list(frame.columns), 3)
        hint = f" Near {lacking[0]}: {', '.join(near)}." if near else ""
        raise TableError(f"{path.name} has no column {', '.join(lacking)}, which are declared.{hint}")
    return frame


def read_plain(path: Path, layout: Layout) -> pd.DataFrame:
    """The same, before anybody has said which columns there should be."""
    frame = _read(path, layout)
    frame.columns = [str(name).strip() for name in frame.columns]
    twice = sorted({name for name in frame.columns if list(frame.columns).count(name) > 1})
    if twice:
        raise TableError(f"{path.name} has two columns called {', '.join(twice)}: rename one.")
    if not len(frame):
        raise TableError(f"{path.name} has no rows.")
    return frame.reset_index(drop=True)


def _read(path: Path, layout: Layout) -> pd.DataFrame:
    if not path.exists():
        raise TableError(f"There is no file or folder {path.name} to read a table from.")
    ending = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if ending in INSTEAD:
        raise TableError(f"{path.name}: {INSTEAD[ending]}.")
    try:
        if path.is_dir():
            return _read_folder(path, layout)
        if ending in (".parquet", ".pq"):
            return pd.read_parquet(path)
        if ending == ".dta":
            return pd.read_stata(path, convert_categoricals=False, convert_dates=True)
        if ending in (".sas7bdat", ".xpt"):
            return pd.DataFrame(pd.read_sas(path, encoding=layout.encoding))
    except (ValueError, ArrowInvalid) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"{path.name} cannot be read as {ending or 'a folder'}: {error}.") from None
    if ending in CSV:
        return _read_csv(path, layout)
    raise TableError(f"{path.name}: files of this kind are not read. {ALLOWED} are.")


def _read_folder(path: Path, layout: Layout) -> pd.DataFrame:
    parts = [part for part in _files(path) if part.suffix.lower() in (".parquet", ".pq")]
    if not parts:
        raise TableError(f"The folder {path.name} holds no Parquet files; name the file to read instead.")
    frames = [pd.read_parquet(part) for part in parts]
    for part, frame in zip(parts, frames, strict=True):
        if list(frame.columns) != list(frames[0].columns):
            raise TableError(
                f"The folder {path.name} holds tables with different columns ({parts[0].name}, {part.name}):"
                " name one file, or join them first."
            )
    return pd.concat(frames, ignore_index=True)


def _read_csv(path: Path, layout: Layout) -> pd.DataFrame:
    encoding = "utf-8-sig" if layout.encoding.lower() in ("utf-8", "utf8") else layout.encoding
    zipped = path.suffix.lower() == ".gz"
    try:
        with (gzip.open if zipped else open)(path, "rt", encoding=encoding, newline="") as held:
            first = held.readline()
        separator = layout.separator or max(SEPARATORS, key=first.count)
        names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
        if len(names) < 2:
            raise TableError(
                f"{path.name}: one column was found in its first line."
                " Say what separates columns: [table] separator = ';'."
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:  # pandas would rename the second without a word
            raise TableError(f"{path.name} has two columns called {', '.join(twice)}: rename one.")
        return pd.read_csv(
            path, sep=separator, encoding=encoding, dtype=str, keep_default_na=False, index_col=False,
            compression="gzip" if zipped else None, on_bad_lines="error",
        )  # fmt: skip
    except LookupError:
        raise TableError(f"[table] encoding {layout.encoding!r} is no encoding known here.") from None
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path.name} is not written in {layout.encoding} (byte {error.start}):"
            ' say in what, as in [table] encoding = "gb18030" or "latin-1".'
        ) from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        said = str(error).replace("Error tokenizing data. C error: ", "").strip()
        raise TableError(f"{path.name} is no even table: {said}.") from None


def codes(column: pd.Series, missing: tuple[str, ...]) -> pd.Series:
    """Each cell as text that compares; None where it is empty or one of the declared missing codes."""
    places, found = pd.factorize(column, use_na_sentinel=True)
    as_text = [None if _is_day_less(value) else code(_plain(value)) for value in found]
    silent = {"", *missing}
    kept = np.array(
        [None if text is None or text in silent else text for text in as_text] + [None], dtype=object
    )
    return pd.Series(kept[places], index=column.index, dtype=object)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value


def _is_day_less(value: object) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
