"""What the mechanism calls things, in both languages, and the documents that ask for them."""

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Self

from pydantic import AfterValidator, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.files import read_data
from relapse_risk.policy.model import Entries, only_keys, refuse

__all__ = ["Cited", "Dated", "in_force", "one_of", "only_built_in", "require_built_in"]


class Cited(Bilingual):
    """What something is called, and the documents that ask for it, each with its section ("002 五（一）")."""

    source: Entries[str]


class Dated(Cited):
    """Something that holds for a time: a rule, a list, a class or a measure that began or ended on a day.

    Attributes
    ----------
    since, until : date or None
        The first and the last day it is in force; None where it has no such day.

    Examples
    --------
    >>> rule = Dated(zh="督战", en="supervised by name", source=("003",), until=date(2020, 12, 31))
    >>> in_force(rule, date(2020, 12, 31)), in_force(rule, date(2021, 1, 1))
    (True, False)
    """

    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.since is not None and self.until is not None and self.until < self.since:
            refuse("allowed_from_day", key="until", found=self.until, day=self.since)
        return self

    @property
    def years(self) -> str:
        """When it is in force, as catalogues say it: the empty text where always."""
        said = (f"from {self.since}" if self.since else "", f"until {self.until}" if self.until else "")
        return ", ".join(filter(None, said))


def in_force(entry: Dated, as_of: date) -> bool:
    """Return whether an entry of a data file is in force on a day, its first and last day included."""
    return (entry.since is None or entry.since <= as_of) and (entry.until is None or as_of <= entry.until)


def one_of(*known: str) -> AfterValidator:
    """Return the validator of a code, or of the key of a table, that is one of those known."""

    def check(code: str) -> str:
        if code not in known:
            refuse("allowed_codes", known=", ".join(known))
        return code

    return AfterValidator(check)


def only_built_in(*path: str) -> AfterValidator:
    """Return the validator of a table of wordings that must have the built-in entries, see `require_built_in`.

    Parameters
    ----------
    *path : str
        Where the built-in table is: the name of its file in ``policy/data/mechanism``, and the tables in it down to it.

    Examples
    --------
    >>> from typing import Annotated
    >>> from relapse_risk.policy import PolicyModel, validated
    >>> class Page(PolicyModel):
    ...     texts: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "texts")]
    >>> validated(Page, {"texts": {"titel": {"zh": "月报", "en": "bulletin"}}}, "own.toml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    relapse_risk.errors.InputError: Cannot use own.toml: texts.titel means nothing there. Allowed: title, subtitle, ...
    """

    def check(table: Mapping[str, Bilingual]) -> Mapping[str, Bilingual]:
        require_built_in(table, path)
        return table

    return AfterValidator(check)


def require_built_in(table: Mapping[str, Bilingual], path: tuple[str, ...], key: str = "") -> None:
    """Refuse a table of wordings with entries unknown to the built-in one, or with unknown placeholders.

    Parameters
    ----------
    table : Mapping of str to Bilingual
    path : tuple of str
        As for `only_built_in`.
    key : str
        Where the table is in what is being validated.
    """
    file, *tables = f"mechanism/{path[0]}", *path[1:]
    built_in = read_data(file, *tables)
    only_keys(table, tuple(built_in), key)
    for code, wording in table.items():
        for lang in ("zh", "en"):
            text, known = wording.in_language(lang), _placeholders(str(read_data(file, *tables, code)[lang]))
            if not _placeholders(text) <= known:
                allowed = ", ".join(f"{{{name}}}" for name in sorted(known)) or "-"
                refuse("allowed_placeholders", key=f"{key}.{code}.{lang}".lstrip("."), found=text, known=allowed)


def _placeholders(text: str) -> frozenset[str]:
    """Return what is to be filled in, as it is there; of a text that cannot be filled at all, the text itself."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return frozenset([text])
    return frozenset(f"{name}!{kind}:{form}".removesuffix(":").removesuffix("!None") for _, name, form, kind in parts)
