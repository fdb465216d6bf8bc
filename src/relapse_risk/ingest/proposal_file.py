"""Proposals as a file to confirm: aliases and codes of which every line is a remark until its sign is taken away."""

import json
from collections.abc import Iterator, Mapping

from relapse_risk.ingest.proposals import Proposal, ValueProposal
from relapse_risk.ingest.proposed_source import Proposals
from relapse_risk.policy import HeaderAlias, MadeFor, Texts

__all__ = ["proposal_file"]

_Entries = dict[str, dict[str, str]]


def proposal_file(proposals: Proposals, texts: Texts) -> str:
    """Return the file; it may be given both as aliases and as codes.

    A line that somebody confirms by taking the sign before it away counts as one they wrote. Why it is proposed, how
    sure that is, and an example stand behind it. The sheets it was made for stand at its end, with their headers.
    """
    entries: _Entries = {}
    for sheet in proposals.sheets:
        for one in sheet.headers:
            for table, alias in one.meant.items():
                line = f"{_quoted(one.written)} = {_alias(alias)}"
                entries.setdefault(f"headers.{table}", {})[line] = _grounds(one, one.example, sheet.made_for, texts)
        for value in sheet.values:
            line = f"{_quoted(value.wording)} = {json.dumps(value.code)}"
            count = texts("county_file", "cells", count=value.cells)
            entries.setdefault(value.topic, {})[line] = _grounds(value, count, sheet.made_for, texts)
    head = [f"# {line}" for line in texts("county_file", "head").splitlines()]
    return "\n".join([*head, "", *_tables(entries), *_made_for(proposals, texts)])


def _tables(entries: _Entries) -> Iterator[str]:
    for table, lines in entries.items():
        yield f"[{table}]"
        yield from (f"# {line}  # {grounds}" for line, grounds in lines.items())
        yield ""


def _made_for(proposals: Proposals, texts: Texts) -> Iterator[str]:
    yield f"# {texts('county_file', 'made_for')}"
    for sheet in proposals.sheets:
        one = sheet.made_for
        yield "[[made_for]]"
        keys: Mapping[str, object] = {"source": one.source, "sheet": one.sheet, "fingerprint": one.fingerprint}
        yield from (f"{key} = {_quoted(value)}" for key, value in keys.items())
        yield f"headers = [{', '.join(map(_quoted, one.headers))}]"
        yield ""


def _grounds(one: Proposal | ValueProposal, example: str, place: MadeFor, texts: Texts) -> str:
    why = texts("county_file", "cells_fit" if one.why == "cells" else one.why, like=one.like)
    where = f"{place.source} · {place.sheet}"
    said = texts(
        "county_file", "grounds", confidence=f"{one.confidence:.2f}", why=why, example=example or "-", place=where
    )
    return " ".join(said.split())


def _alias(alias: HeaderAlias) -> str:
    if alias.is_plain:
        return _quoted(alias.column)
    more = [f"column = {_quoted(alias.column)}"]
    more += [f"factor = {alias.factor}"] if alias.factor != 1 else []
    more += [f"{name} = true" for name in ("negated", "part") if getattr(alias, name)]
    return f"{{ {', '.join(more)} }}"


def _quoted(text: object) -> str:
    # A string of JSON is one of TOML, but for signs that are no text.
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")
