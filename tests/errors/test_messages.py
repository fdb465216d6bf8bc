import ast
import string
import warnings

import pytest

from relapse_risk.errors import BundleError, InputError, RelapseRiskError, RelapseRiskWarning, messages
from tests.source_trees import calls, strings


def raised() -> list[tuple[str, set[str], str]]:
    """Every place that raises an error of ours: its code, the details it gives, where it stands."""
    return [
        (str(call.args[0].value), {keyword.arg or "**" for keyword in call.keywords}, f"{path.name}:{call.lineno}")
        for path, call in calls("InputError", "BundleError", "RelapseRiskWarning")
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def placeholders(text: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_message_stands_in_both_languages_on_one_line():
    for code, message in messages().items():
        assert set(message) == {"en", "zh"}, code
        assert all(text.strip() and "\n" not in text for text in message.values()), code
        assert placeholders(message["en"]) == placeholders(message["zh"]), code


def test_every_raise_has_its_message_and_fills_it():
    for code, details, place in raised():
        assert code in messages(), f"{place} raises {code!r}, which has no message"
        if "**" not in details:
            assert placeholders(messages()[code]["en"]) <= details, f"{place} leaves {code!r} unfilled"


def test_every_message_is_raised_somewhere():
    assert messages().keys() - strings() == set()


def test_the_tree_and_the_languages():
    error = InputError("months_out_of_range", months=0, most=120)
    assert isinstance(error, RelapseRiskError)
    assert not issubclass(BundleError, InputError)
    assert "0" in error.in_language("zh")
    assert str(error) == error.in_language("en")


def test_a_warning_has_a_code_and_is_the_same_when_made_again():
    with pytest.warns(RelapseRiskWarning, match="3 of 9") as caught:
        warnings.warn(RelapseRiskWarning("variance_floored", floored="3 of 9", rows=9), stacklevel=1)
    warning = caught[0].message
    again = RelapseRiskWarning(*warning.args)
    assert (again.code, again.details, str(again)) == (warning.code, warning.details, warning.in_language("en"))
    assert "下限" in again.in_language("zh")
