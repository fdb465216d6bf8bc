"""A trained model with everything that is needed to score with it, to word its scores and to judge it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_type_hints

import polars as pl

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle.archive import as_json, from_json, packed, read_archive, write_archive
from relapse_risk.bundle.codec import UnexpectedError, from_plain, to_plain
from relapse_risk.bundle.origin import Adaptation, Origin
from relapse_risk.bundle.validation import validate
from relapse_risk.calibration import YearEffects
from relapse_risk.errors import BundleError
from relapse_risk.evaluation import Evaluation
from relapse_risk.features import Feature, FeatureTable
from relapse_risk.labels.cohort import Cohort
from relapse_risk.models import EstimatorState, TrainingReference, from_state
from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Lines, Thresholds

__all__ = ["Bundle", "read_bundle"]

_ABOUT, _EVALUATION, _MODEL = "bundle.json", "evaluation.json", "model.json"
_TEXT = "model/{name}.txt"
_SHOWN = 6

KnownLabel = Literal["recorded", "income", "after_fixed_expenditure"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A trained model with what scoring needs. It holds no household, no person, no name.

    Attributes
    ----------
    model : estimator
        Fitted; one of ``relapse_risk.models``.
    columns : tuple of str
        The features the model was fitted on, in its order.
    features : tuple of Feature
        Every feature declared when it was trained, also those that only fill sentences.
    means : Mapping of str to float
        Mean of each number and flag among `columns` over the training rows, where known.
    label, cohort : str
        ``recorded``, ``income`` or ``after_fixed_expenditure``; ``wide`` or ``narrow``.
    horizon : int
        Months.
    as_of : tuple of date
        The days it was trained as of.
    known_by : date or None
        Nothing recorded later was looked at; None where nothing was.
    trained_through : date or None
        The last day its outcomes touch: a score as of an earlier day is no forecast. None where it has seen none.
    rows, households, relapses : int
        Household-days trained on, the households among them, the relapses.
    unreported_share : float
        Share of relapse entries that were still to come when it was trained, as past delays suggest.
    carried_forward_line : int
        Outcomes it was trained on that were judged by the last line before a year that has none of its own.
    lines : Lines
        Poverty lines it was trained with.
    thresholds : Thresholds
        Figures of the rule and of the tiers (``thresholds.toml``) it was trained with.
    evaluation : Evaluation or None
        The model beside its baselines, in the same trials, where it was trained; None where it was not.
    shocks : ClusterEffects or None
        What households of a village and a year have in common; None where the records did not say enough.
    past_years : YearEffects or None
        How far the level of each as-of day it was trained as of lies from that of the model, in log-odds.
    versions : Mapping of str to str
        Releases it was made with, by library.
    reference : TrainingReference or None
        What the rows it was trained on were like, in counts; None where nothing was trained.
    origin : {"own", "recalibrated", "prevalence", "rule"}
        Where it is from: as trained, moved here from elsewhere (by outcomes or by prevalence alone), or not trained.
    moved : Adaptation or None
        How it was moved here, if it was.
    """

    model: Any
    columns: tuple[str, ...]
    features: tuple[Feature, ...]
    means: Mapping[str, float]
    label: KnownLabel
    cohort: Cohort
    horizon: int
    as_of: tuple[date, ...]
    known_by: date | None
    trained_through: date | None
    rows: int
    households: int
    relapses: int
    unreported_share: float
    carried_forward_line: int
    lines: Lines
    thresholds: Thresholds
    evaluation: Evaluation | None
    versions: Mapping[str, str]
    shocks: ClusterEffects | None = None
    past_years: YearEffects | None = None
    reference: TrainingReference | None = None
    origin: Origin = "own"
    moved: Adaptation | None = None

    def forecasts(self, as_of: str | date | AsOf) -> bool:
        """Return whether a score as of a day is a forecast: no outcome it was trained on lies after the day."""
        day = parse_day(as_of)
        return self.trained_through is None or day >= self.trained_through

    def completed(self, table: FeatureTable) -> FeatureTable:
        """Return a feature table with an empty column for each condition of the rule alone that it cannot tell.

        A condition that cannot be looked up is not met. Other models need every feature they were trained on.
        """
        made = {feature.name for feature in table.features}
        missing = [feature for feature in self.features if feature.name not in made]
        if self.origin != "rule" or not missing:
            return table
        empty = [pl.lit(None, dtype=feature.dtype).alias(feature.name) for feature in missing]
        frame = table.frame.with_columns(empty)
        return FeatureTable(frame=frame, features=(*table.features, *missing), lacking=table.lacking)

    def require(self, table: FeatureTable) -> pl.DataFrame:
        """Return the model's columns of a feature table, in the model's order.

        Raises
        ------
        BundleError
            If the records had not what these features are made from (``bundle_other_features``), or a feature of the
            same name is now another thing (``bundle_feature_changed``).
        """
        made = {feature.name: feature for feature in table.features}
        missing = [name for name in self.columns if name not in made]
        if missing:
            raise BundleError(
                "bundle_other_features",
                needed=len(self.columns),
                count=len(missing),
                lacking=_listed([_short(table.lacking.get(name, name)) for name in missing]),
            )
        for ours in self.features:
            if ours.name in self.columns and _meaning(ours) != _meaning(made[ours.name]):
                raise BundleError("bundle_feature_changed", name=ours.name)
        return table.frame.select(self.columns)

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the bundle to one file: aside first, then moved into place whole. The same bundle gives the same bytes.

        Raises
        ------
        InputError
            If the file stands there already and `overwrite` is not given (``out_taken``).
        """
        write_archive(Path(path), self._members(), overwrite=overwrite)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file it is, or would be, saved to."""
        return sha256(packed(self._members())).hexdigest()

    def _members(self) -> dict[str, bytes]:
        state = self.model.to_state()
        members = {
            _ABOUT: as_json({name: to_plain(getattr(self, name)) for name in _kinds()}),
            _EVALUATION: as_json(to_plain(self.evaluation)),
            _MODEL: as_json({"kind": state.kind, "values": state.values, "texts": sorted(state.texts)}),
        }
        return members | {_TEXT.format(name=name): text.encode() for name, text in state.texts.items()}


def read_bundle(path: str | Path) -> Bundle:
    """Read a bundle, after its every byte has been checked and before anything is built of it.

    Raises
    ------
    BundleError
        If it is missing, damaged, changed in any way, or not a bundle this release can read (``bundle_*``).
    """
    path = Path(path)
    members = read_archive(path)
    state = _state(path, members)
    about = _member(path, members, _ABOUT, dict)
    evaluation = _checked(path, _EVALUATION, Evaluation | None, _member(path, members, _EVALUATION, dict, NoneType))
    if set(about) != set(_kinds()):
        raise BundleError("bundle_content", path=path, member=_ABOUT, place="-")
    values = {name: _checked(path, _ABOUT, kind, about[name], name) for name, kind in _kinds().items()}
    bundle = Bundle(model=_model(path, state), evaluation=evaluation, **values)
    if place := next(validate(bundle), None):
        member = _EVALUATION if place == "evaluation" else _ABOUT
        raise BundleError("bundle_content", path=path, member=member, place=place)
    return bundle


def _kinds() -> dict[str, Any]:
    """Return the fields that stand in the first member, with their types."""
    hints = get_type_hints(Bundle)
    return {field.name: hints[field.name] for field in fields(Bundle) if field.name not in ("model", "evaluation")}


def _member(path: Path, members: Mapping[str, bytes], name: str, *kinds: type) -> Any:
    if name not in members:
        raise BundleError("bundle_member_missing", path=path, member=name)
    try:
        data = from_json(members[name])
    except ValueError as error:
        raise BundleError("bundle_content", path=path, member=name, place="-") from error
    if type(data) not in kinds:
        raise BundleError("bundle_content", path=path, member=name, place="-")
    return data


def _checked(path: Path, member: str, kind: Any, data: Any, place: str = "") -> Any:
    try:
        return from_plain(kind, data, place)
    except UnexpectedError as error:
        raise BundleError("bundle_content", path=path, member=member, place=error.place or "-") from error


_Texts = tuple[str, ...]


def _state(path: Path, members: Mapping[str, bytes]) -> EstimatorState:
    """Return the model's state; its texts must be all that is left of the members."""
    data = _member(path, members, _MODEL, dict)
    if set(data) != {"kind", "values", "texts"} or not isinstance(data["values"], dict):
        raise BundleError("bundle_content", path=path, member=_MODEL, place="-")
    names: _Texts = _checked(path, _MODEL, _Texts, data["texts"], "texts")
    kind: str = _checked(path, _MODEL, str, data["kind"], "kind")
    texts = {name: _TEXT.format(name=name) for name in names}
    if set(members) != {_ABOUT, _EVALUATION, _MODEL, *texts.values()}:
        raise BundleError("bundle_content", path=path, member=_MODEL, place="texts")
    try:
        read = {name: members[member].decode() for name, member in texts.items()}
    except UnicodeDecodeError as error:
        raise BundleError("bundle_content", path=path, member=_MODEL, place="texts") from error
    return EstimatorState(kind=kind, values=data["values"], texts=read)


def _model(path: Path, state: EstimatorState) -> Any:
    try:
        return from_state(state)
    except BundleError as error:
        raise BundleError(
            "bundle_content", path=path, member=_MODEL, place=error.details.get("part", state.kind)
        ) from error


def _meaning(feature: Feature) -> tuple[str, str]:
    return feature.kind, feature.unit


def _short(lack: str) -> str:
    """Return what is lacking without words of a language: ``table illness`` as illness, ``column a of b`` as b.a."""
    if found := re.fullmatch(r"column (?P<columns>.+) of (?P<table>\w+)", lack):
        return f"{found['table']}.{found['columns'].replace(' or ', '|')}"
    return lack.removeprefix("table ")


def _listed(parts: list[str]) -> str:
    """Return the commonest parts, each with how often it stands there."""
    counts = Counter(sorted(parts)).most_common()
    shown = ", ".join(f"{part} ({times})" for part, times in counts[:_SHOWN])
    return shown if len(counts) <= _SHOWN else f"{shown}, …"
