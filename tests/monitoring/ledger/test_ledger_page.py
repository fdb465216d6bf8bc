"""The worked example of docs/ledger.md does what the page says."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "ledger.md"


def test_the_worked_example_is_true(tmp_path):
    example = (
        PAGE.read_text(encoding="utf-8").partition("### A worked example")[2].split("```")[1].removeprefix("python")
    )
    test = doctest.DocTestParser().get_doctest(example, {"folder": tmp_path}, "ledger.md", str(PAGE), 0)
    tried = doctest.DocTestRunner().run(test)
    assert tried.attempted > 10
    assert tried.failed == 0
