"""The catalogue of watch lists and focus lists, ``docs/watch.md``, written from their declarations and data."""

from collections.abc import Iterator, Mapping, Sequence

from relapse_risk.alerts.watch import LISTS, WatchList
from relapse_risk.policy import PolicyModel, read_policy
from relapse_risk.policy.mechanism import BoundedList, FocusList, WatchedList

__all__ = ["catalogue"]

_HEAD = """# Watch lists and focus lists

Written by `python -m relapse_risk.alerts.watch_catalogue` from the declarations in `src/relapse_risk/alerts/watch/`
and the bounds, wordings and sources in `policy/data/mechanism/watch.toml` and `focus.toml`, which an office's own
file overrides.

`watch(view, policy)`, with `view = AsOfView.of(records, as_of)`, judges every state of every list for each household,
person or loan of the list's base, by what was known at the end of the day. A state holds, does not hold, or is **not
known**. Not known never counts as off the list: for each state, `Watch.counts` says for how many it is known
(`n_known`), for how many of these it holds (`n_on`), and for how many it is not known (`unknown`). If a table or
column that a state **needs** is missing (`a or b`: one of them is enough), nothing is known of the state; what it
**also uses** makes it known for more, if it is there. `Watch.missing` names what is missing. A household without any
member left is on no list; its loans still are. Sources: 000 Chuxiong 2019, 001 Guizhou 2018, 002 Yongzhou 2020, 003
Chuxiong 2020, 004 Panzhihua 2019, by part and point.

Several lists use the same facts. A household is *in work* if a member has an open spell of work, or worked
`work_months` months by the register's count. *Support for enterprise* counts if it is in force, or ended at most
`industry_months` months ago ({facts}).
"""
_FOCUS = """
# Focus lists

`find_focus(areas, sites, policy)` compares areas (`Roster.areas`) and resettlement sites (`Watch.sites`) with the
criteria. An area is on a list if it meets a criterion even when everything unknown is counted against it. It is
*unknown* if it meets one only when the unknown is counted for it. A household of unknown size counts as one person at
least, and at most as the largest size that the audit accepts. Incidence is among the persons in the records: where
these hold registered households only, it is higher than the incidence among all residents, which the documents mean.
A list, of either kind, with `since` or `until` (the first and the last day) is in force between them only.
"""
_COLUMNS = ("State", "状态", "Counts", "Value", "Needs", "Also uses")


def catalogue(lists: Sequence[WatchList] = LISTS) -> str:
    """Return the catalogue as Markdown.

    Examples
    --------
    >>> print(catalogue(LISTS[:1]).splitlines()[0])
    # Watch lists and focus lists
    """
    mechanism = read_policy().mechanism
    head, declared = _HEAD.format(facts=_bounds(mechanism.watch.facts)), mechanism.watch.lists.by_name
    sections = (line for one in lists for line in _section(one, declared[one.name]))
    return "\n".join((head, *sections, _FOCUS, *_focus(mechanism.focus.lists), ""))


def _section(one: WatchList, declared: WatchedList) -> Iterator[str]:
    yield f"## {declared.en} {declared.zh}\n"
    years = declared.years and f", in force {declared.years}"
    yield f"`{one.name}`, asked for in {'; '.join(declared.source)}{years}.\n"
    yield f"- Base: {declared.base.en} ({declared.base.zh})."
    if isinstance(declared, BoundedList):
        yield f"- Bounds: {_bounds(declared.bounds)}."
    yield f"- Approximation: {declared.approximation.en} ({declared.approximation.zh}).\n"
    yield _row(_COLUMNS)
    yield _row(["---"] * len(_COLUMNS))
    for state in one.states:
        wording = declared.states[state.name]
        yield _row(
            (
                f"`{state.name}`: {wording.en}",
                wording.zh,
                state.per,
                state.unit or "",
                _needs(state.needs),
                _needs(state.besides),
            )
        )
    yield ""


def _focus(lists: Mapping[str, FocusList]) -> Iterator[str]:
    yield _row(("List", "名单", "Level", "Criteria", "In force", "Source"))
    yield _row(["---"] * 6)
    for name, one in lists.items():
        criteria = "; or ".join(
            f"`{asked.column}` {asked.test.replace('_', ' ')} {asked.bound:g}" for asked in one.criteria.values()
        )
        yield _row((f"`{name}`: {one.en}", one.zh, one.level, criteria, one.years, "; ".join(one.source)))


def _bounds(bounds: PolicyModel) -> str:
    return ", ".join(f"`{name}` = {_value(value)}" for name, value in bounds.model_dump(by_alias=True).items())


def _value(value: float | tuple[str, ...]) -> str:
    return " / ".join(f"`{one}`" for one in value) if isinstance(value, tuple) else f"{value:g}"


def _needs(needs: Sequence[str]) -> str:
    return ", ".join(" or ".join(f"`{one}`" for one in need.split("|")) for need in needs)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(catalogue(), end="")
