"""What a visit can find, and what becomes of each finding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relapse_risk.errors import InputError

__all__ = ["VISIT_MARK", "VisitFinding", "read_findings"]

VISIT_MARK = "relapse_risk visits 1"
"""Stands in the first cell of the sheet of a visit workbook that is not for people, with the version of its layout."""

_ACTS = ("visited", "proposed", "cleared", "refused", "wrong_record")


@dataclass(frozen=True, kw_only=True)
class VisitFinding:
    """One thing a visit can find.

    Attributes
    ----------
    code : str
    words : Mapping of str to str
        What it is called, by language.
    also : tuple of str
        Other wordings that are read as it.
    acts : tuple of str
        What is entered in the ledger, in this order: ``visited`` (always first), ``proposed`` (to clear), ``cleared``,
        ``refused``, ``wrong_record``; nothing where nobody was met.
    remark : bool
        Whether the remark must say more.
    then : Mapping of str to str
        What becomes of it, by language.
    """

    code: str
    words: Mapping[str, str]
    also: tuple[str, ...]
    acts: tuple[str, ...]
    remark: bool
    then: Mapping[str, str]


def read_findings(data: Mapping[str, Any]) -> Mapping[str, VisitFinding]:
    """Return every finding by code, in the order they are offered.

    Parameters
    ----------
    data : Mapping
        The part ``visits`` of a policy's mechanism (``policy/data/mechanism/visits.toml``).

    Raises
    ------
    InputError
        If a finding lacks something, or leads to what no visit can lead to (``finding_unusable``).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> read_findings(read_policy().mechanism["visits"])["risk_gone"].acts
    ('visited', 'cleared')
    """
    return {code: _finding(code, entry) for code, entry in data["findings"].items()}


def _finding(code: str, entry: Any) -> VisitFinding:
    try:
        words, then = ({lang: str(told[lang]) for lang in ("zh", "en")} for told in (entry, entry["then"]))
        also, acts, remark = tuple(entry["also"]), tuple(entry["acts"]), bool(entry["remark"])
    except (KeyError, TypeError) as error:
        raise InputError("finding_unusable", finding=code, known=", ".join(_ACTS)) from error
    if not set(acts) <= set(_ACTS) or "visited" in acts[1:]:
        raise InputError("finding_unusable", finding=code, known=", ".join(_ACTS))
    return VisitFinding(code=code, words=words, also=also, acts=acts, remark=remark, then=then)
