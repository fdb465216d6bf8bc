"""What the visit workbook says of an alert, in words."""

from collections.abc import Collection

from relapse_risk.policy import URGENT_FIRST, Texts

__all__ = ["change_text", "header_of", "listed_text", "measures_text", "tier_text"]


def header_of(name: str, texts: Texts) -> str:
    """Return the header of a column; of a carried one what it is called elsewhere, else its name."""
    known = texts.has("visits.columns", name)
    return texts("visits.columns", name) if known else texts.label("carried", name)


def tier_text(tier: str | None, texts: Texts) -> str:
    """Return what an urgent tier is called; nothing for another."""
    return "" if tier not in URGENT_FIRST else texts.label("tiers", tier).capitalize()


def measures_text(codes: str | None, texts: Texts) -> str:
    """Return suggested measures, one a line.

    Examples
    --------
    >>> measures_text("job", Texts("zh"))
    '就业帮扶：劳务对接、扶贫车间'
    """
    return "\n".join(texts.label("measures.measure", code) for code in _codes(codes))


def listed_text(listed_for: str, override: str | None, listing_rules: Collection[str], texts: Texts) -> str:
    """Return why a household is listed, one a line; rules in their own words, last those that only tell.

    Parameters
    ----------
    listed_for : {"model", "rule", "random"}
    override : str or None
        Codes of hard rules, joined by ``+``.
    listing_rules : collection of str
        The rules that list a household; all others only tell of it.
    texts : Texts
    """
    rules = {code: texts.label("rules", code) for code in _codes(override)}
    listing = [rule for code, rule in rules.items() if code in listing_rules]
    besides = [
        texts("visits.listed_for", "besides", rule=rule) for code, rule in rules.items() if code not in listing_rules
    ]
    first = [] if listed_for == "rule" and listing else [texts.label("visits.listed_for", listed_for)]
    return "\n".join([*first, *listing, *besides])


def change_text(change: str | None, moved: str | None, texts: Texts) -> str:
    """Return what changed since last month."""
    if change is None:
        return ""
    reason = texts("reasons", moved) if moved else ""
    return texts("visits.changes", change, reason=reason).rstrip(":： ")


def _codes(joined: str | None) -> list[str]:
    return joined.split("+") if joined else []
