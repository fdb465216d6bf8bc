"""Templates of the pages, and what all of them share."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from relapse_risk.policy import Texts

__all__ = ["rendered"]

_LANGUAGES = {"zh": "zh-CN", "en": "en"}


def rendered(name: str, texts: Texts, **details: Any) -> str:
    """Return a page as HTML: a template of this room, by its path, filled."""
    return (
        _environment()
        .get_template(name)
        .render(
            shared=lambda key: texts("page", key),
            header=lambda key: texts("headers", key),
            language=_LANGUAGES[texts.lang],
            **details,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
