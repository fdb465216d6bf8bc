"""The catalogue of checks, ``docs/checks.md``, written from their data file."""

from collections.abc import Iterator

from relapse_risk.evaluation.checks.registry import CHECKS
from relapse_risk.policy import CheckPolicy, read_model

__all__ = ["catalogue"]

_HEAD = """# Checks of an evaluation

Written by `python -m relapse_risk.evaluation.checks.check_catalogue` from `policy/data/evaluation.toml`, where the
limits are too. Each check is a function in `src/relapse_risk/evaluation/checks/`. `error`: do not use the model as
it is; `warning`: read the figures with this in mind; `note`: good to know. A code is never reused for another check.
"""


def catalogue() -> str:
    """Return the catalogue as Markdown.

    Examples
    --------
    >>> print(catalogue().splitlines()[0])
    # Checks of an evaluation
    """
    return "\n".join((_HEAD, *(line for code in CHECKS for line in _section(code))))


def _section(code: str) -> Iterator[str]:
    data = read_model(CheckPolicy, "evaluation")
    check = data.checks[code]
    severity, family = data.severities[check.severity], data.families[check.family]
    yield f"## {code} {check.name.en} {check.name.zh}\n"
    yield f"{family.en} {family.zh}, {severity.en} {severity.zh}.\n"
    for sentence, title in ((check.explanation, "Why"), (check.todo, "What to do")):
        yield f"- **{title}.** {sentence.en} {sentence.zh}"
    yield ""


if __name__ == "__main__":
    print(catalogue(), end="")
