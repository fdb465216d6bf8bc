"""The early-warning mechanism as an office may have changed it: all parts of ``policy/data/mechanism`` together."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Self

from pydantic import model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.conditions import ColumnCondition
from relapse_risk.policy.mechanism.assessment import Classes, HardRule, Measures
from relapse_risk.policy.mechanism.cited import Cited, in_force
from relapse_risk.policy.mechanism.ledger import Lifecycle
from relapse_risk.policy.mechanism.month import BulletinPolicy, DriftPolicy
from relapse_risk.policy.mechanism.naming import NamingPolicy
from relapse_risk.policy.mechanism.protected import ProtectedKind
from relapse_risk.policy.mechanism.visits import VISIT_STEPS, ListingPolicy, VisitsPolicy
from relapse_risk.policy.mechanism.watch import FocusPolicy, WatchPolicy
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["Mechanism"]


class Mechanism(PolicyModel):
    """Rules, classes, measures, watch lists and all else of the early-warning mechanism, a field for each data file.

    What one file says of another is checked: documents that are cited are in ``sources``, the classes that
    measures name and the levels that conditions ask for in ``classes``.

    Examples
    --------
    >>> from datetime import date
    >>> from relapse_risk.policy import read_policy
    >>> mechanism = read_policy().mechanism
    >>> [code for code, rule in mechanism.rules_in_force(date(2020, 12, 31)).items() if rule.tier == "red"]
    ['relapsed', 'house_d']
    """

    rules: Mapping[str, HardRule]
    classes: Classes
    measures: Measures
    naming: NamingPolicy
    protected: Mapping[str, ProtectedKind]
    watch: WatchPolicy
    focus: FocusPolicy
    listing: ListingPolicy
    ledger: Lifecycle
    visits: VisitsPolicy
    drift: DriftPolicy
    bulletin: BulletinPolicy
    sources: Mapping[str, Bilingual]

    def rules_in_force(self, as_of: date) -> Mapping[str, HardRule]:
        """Return the hard rules of a day that are not switched off, in the order of their file."""
        return {code: rule for code, rule in self.rules.items() if rule.tier != "off" and in_force(rule, as_of)}

    @model_validator(mode="after")
    def _known_sources(self) -> Self:
        for key, sources in self.citations():
            for place, source in enumerate(sources, start=1):
                if source.partition(" ")[0] not in self.sources:
                    refuse("allowed_sources", key=f"{key}.{place}", found=source, known=", ".join(self.sources))
        return self

    @model_validator(mode="after")
    def _known_levels(self) -> Self:
        levels = self.classes.levels
        for key, condition in self._conditions():
            known = levels.get(condition.column, {})
            if known and condition.code is not None and condition.code not in known:
                refuse("allowed_codes", key=f"{key}.is", found=condition.code, known=", ".join(known))
        for code, measure in self.measures.measure.items():
            for place, name in enumerate(measure.classes, start=1):
                if name not in levels["class_three"]:
                    key = f"measures.measure.{code}.classes.{place}"
                    refuse("allowed_codes", key=key, found=name, known=", ".join(levels["class_three"]))
        return self

    @model_validator(mode="after")
    def _known_steps(self) -> Self:
        for place, step in enumerate(self.listing.order.visits, start=1):
            if step not in VISIT_STEPS and step not in self.rules:
                known = ", ".join((*VISIT_STEPS, *self.rules))
                refuse("allowed_codes", key=f"listing.order.visits.{place}", found=step, known=known)
        return self

    @model_validator(mode="after")
    def _red_before_random(self) -> Self:
        order = self.listing.order.visits
        for step in order[order.index("random") :]:
            if step == "rule_red" or (step in self.rules and self.rules[step].tier == "red"):
                refuse("allowed_before_random", key="listing.order.visits", found=order, step=step)
        return self

    def _conditions(self) -> Iterator[tuple[str, ColumnCondition]]:
        for file, part in (("classes", self.classes), ("measures", self.measures)):
            for key, condition in part.conditions():
                yield f"{file}.{key}", condition

    def citations(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the documents that every entry cites, with the key under which they are."""
        classes = self.classes
        cited: Mapping[str, Mapping[str, Cited]] = {
            "rules": self.rules,
            "classes": {"cause": classes.cause},
            "classes.factor": classes.factor,
            "classes.scheme": classes.scheme,
            "classes.population": {"near_poor": classes.population.near_poor, "sudden": classes.population.sudden},
            "measures.measure": self.measures.measure,
            "watch.lists": self.watch.lists.by_name,
            "focus.lists": self.focus.lists,
        }
        for table, entries in cited.items():
            for code, entry in entries.items():
                yield f"{table}.{code}.source", entry.source
