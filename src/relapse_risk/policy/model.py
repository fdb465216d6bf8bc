"""What every data file is read into: a frozen model that refuses what it does not know, and says what is allowed."""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from relapse_risk.errors import InputError, Phrase

__all__ = ["Entries", "PolicyModel", "near_names", "only_keys", "refuse", "validated"]

Model = TypeVar("Model", bound="PolicyModel")
Entry = TypeVar("Entry")

Entries = Annotated[tuple[Entry, ...], Field(min_length=1)]
"""A list that says nothing if it is empty, so that it may not be."""

_MOST_NAMED = 30  # keys that are all listed

# What is allowed where pydantic found something else: the phrase for it, filled with pydantic's own context.
# A table of so few plain values is shown as it stands.
_FEW, _PARTS = 4, (Mapping, tuple)

_ALLOWED = {
    "float_type": "allowed_number",
    "finite_number": "allowed_number",
    "int_type": "allowed_integer",
    "string_type": "allowed_text",
    "string_too_short": "allowed_text",
    "bool_type": "allowed_flag",
    "tuple_type": "allowed_list",
    "dict_type": "allowed_table",
    "mapping_type": "allowed_table",
    "model_type": "allowed_table",
    "greater_than": "allowed_above",
    "greater_than_equal": "allowed_at_least",
    "less_than": "allowed_below",
    "less_than_equal": "allowed_at_most",
    "too_short": "allowed_entries",
    "too_long": "allowed_entries_at_most",
    "literal_error": "allowed_codes",
    "date_type": "allowed_day",
    "date_from_datetime_inexact": "allowed_day",
}


class PolicyModel(BaseModel):
    """A table of a data file: frozen, of its own keys only, every value of its own kind (a whole number is a number).

    Examples
    --------
    >>> class Visits(PolicyModel):
    ...     days: int
    >>> validated(Visits, {"days": 30}, "visits.toml")
    Visits(days=30)
    >>> validated(Visits, {"days": "30"}, "visits.toml")
    Traceback (most recent call last):
    relapse_risk.errors.InputError: Cannot use visits.toml: days is "30". Allowed: a whole number
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def known_keys(cls, data: Mapping[str, object]) -> tuple[str, ...]:
        """Return the keys that a table of this kind may have."""
        return _fields(cls)[0]

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, data: object) -> object:
        """Refuse keys that mean nothing, and the lack of one that is needed, with all there are."""
        if isinstance(data, Mapping):
            only_keys(data, cls.known_keys(data))
            needed = _fields(cls)[1]
            for key in needed:
                if key not in data:
                    raise PydanticCustomError("key_missing", "missing", {"key": key, "known": ", ".join(needed)})
        return data


@cache
def _fields(model: type[PolicyModel]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of a model as they are in files, and those that it needs."""
    keys = {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
    return tuple(keys), tuple(key for key, needed in keys.items() if needed)


def near_names(name: str, known: Iterable[str], least: float = 0.0) -> str:
    """Return the names most like a misspelt one, for the line that refuses it; at least so like it (0 to 1).

    Examples
    --------
    >>> near_names("income_over_lines", ["size", "income_over_line", "income_lowest", "illness"])
    'income_over_line, income_lowest, illness'
    """
    return ", ".join(get_close_matches(name, list(known), 3, least))


def only_keys(table: object, known: tuple[str, ...], within: str = "") -> None:
    """Refuse, from within a validator, a table with an unknown key; of many keys the likely ones are named.

    Parameters
    ----------
    table : object
    known : tuple of str
    within : str
        The key of the table in what the validator is given.

    Examples
    --------
    >>> only_keys({"days": 3}, ("days", "months"))
    """
    for key in table if isinstance(table, Mapping) else ():
        if key not in known:
            named = known if len(known) <= _MOST_NAMED else (*get_close_matches(key, known, 5, 0.0), "…")
            place = f"{within}.{key}" if within else key
            raise PydanticCustomError("key_unknown", "unknown", {"key": place, "known": ", ".join(named)})


def refuse(code: str, *, key: str = "", found: object = None, **details: object) -> NoReturn:
    """Refuse a value from within a validator of a model.

    Parameters
    ----------
    code : str
        The phrase of ``messages.toml`` that says what is allowed.
    key : str
        Which of the table's keys, where it is not the whole of it.
    found : object
        What is there; by default what was given to the validator.
    **details
        What the phrase's placeholders stand for.
    """
    raise PydanticCustomError("refused", "refused", {"key": key, "found": found, "allowed": Phrase(code, **details)})


def validated(model: type[Model], data: Mapping[str, object], file: str | Path) -> Model:
    """Return the model of a file's content.

    Raises
    ------
    InputError
        If a table at the top means nothing (``data_table_unknown``) or is none (``data_table_needed``); if a key in
        one means nothing (``data_key_unknown``), is missing (``data_key_missing``) or has an unusable value
        (``data_value``).
    """
    try:
        return model.model_validate(_with_tuples(data))
    except ValidationError as error:
        raise _input_error(error, file) from error


def _with_tuples(value: object) -> object:
    """Return TOML's lists as tuples, so that what is read cannot be changed."""
    if isinstance(value, Mapping):
        return {key: _with_tuples(one) for key, one in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def _input_error(error: ValidationError, file: str | Path) -> InputError:
    """Return the first thing wrong as an error of ours, with how many more there are."""
    first, *others = error.errors(include_url=False)
    context = first.get("ctx", {})
    place = [str(step + 1) if isinstance(step, int) else step for step in first["loc"] if step != "[key]"]
    more = Phrase("and_more", n=len(others)) if others else ""
    if first["type"] == "key_unknown":
        if not place:
            return InputError("data_table_unknown", path=file, table=context["key"], known=context["known"])
        key = ".".join((*place, context["key"]))
        return InputError("data_key_unknown", path=file, key=key, known=context["known"], more=more)
    if first["type"] == "key_missing":
        table = ".".join(place) or Phrase("whole_file")
        return InputError("data_key_missing", path=file, table=table, **context, more=more)
    if len(place) == 1 and _ALLOWED.get(first["type"]) == "allowed_table":
        return InputError("data_table_needed", path=file, table=place[0])
    key = ".".join((*place, *filter(None, (context.get("key"),))))
    found = first["input"] if context.get("found") is None else context["found"]
    return InputError("data_value", path=file, key=key, found=_shown(found), allowed=_allowed(first), more=more)


def _allowed(error: ErrorDetails) -> Phrase:
    context = error.get("ctx", {})
    if error["type"] == "refused":
        phrase: Phrase = context["allowed"]
        return phrase
    if error["type"] == "literal_error":
        return Phrase("allowed_codes", known=context["expected"].replace(" or ", ", ").replace("'", ""))
    return Phrase(_ALLOWED.get(error["type"], "allowed_as_ours"), **context)


def _shown(value: object) -> str | Phrase:
    """Return a value as its file has it, or what it is where that is long."""
    if isinstance(value, str):
        text = " ".join(value.split())
        return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return str(value)
    if (
        isinstance(value, Mapping)
        and 0 < len(value) <= _FEW
        and not any(isinstance(one, _PARTS) for one in value.values())
    ):
        return ", ".join(f"{key} = {_shown(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return Phrase("found_list" if value else "found_empty_list")
    return Phrase("found_table")
