"""A trained model with everything that is needed to score with it, to word its scores and to judge it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_type_hints

import polars as pl
from pydantic import create_model

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle.archive import packed, read_archive, write_archive
from relapse_risk.bundle.codec import decode, encode
from relapse_risk.bundle.origin import Adaptation, Origin
from relapse_risk.bundle.validation import validate
from relapse_risk.calibration import YearEffects
from relapse_risk.errors import BundleError
from relapse_risk.evaluation import Evaluation, ModelChoice
from relapse_risk.features import Feature, FeatureTable
from relapse_risk.labels.cohort import Cohort
from relapse_risk.metrics import Figure
from relapse_risk.models import EstimatorState, TrainingReference, from_state, to_state
from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Lines, Thresholds

__all__ = ["Bundle", "read_bundle"]

_ABOUT, _EVALUATION, _MODEL = "bundle.json", "evaluation.json", "model.json"
_TEXTS, _TEXT_END = "model/", ".txt"
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
        The model compared with its baselines in the same folds, if it was trained; else None.
    shocks : ClusterEffects or None
        What households of a village and a year have in common; None where the records did not say enough.
    past_years : YearEffects or None
        How far the level of days lay from what was predicted for them beforehand, in log-odds, of days whose horizons
        do not overlap; None where nothing was tested forward in time.
    versions : Mapping of str to str
        Releases it was made with, by library.
    reference : TrainingReference or None
        What the rows it was trained on were like, in counts; None where nothing was trained.
    protected : tuple of Feature
        What the records had and the model was not given, as no household is ranked by it (``protected.toml``).
    origin : {"own", "recalibrated", "prevalence", "rule"}
        Where it is from: as trained, moved here from elsewhere (by outcomes or by prevalence alone), or not trained.
    moved : Adaptation or None
        How it was moved here, if it was.
    choice : ModelChoice or None
        Why it and not the other one was returned, where `train` could choose (several days, no model asked for).
    controls : float
        Share of the rows without a relapse that it was trained on; `rows` are those that were left.
    """

    model: Any
    columns: tuple[str, ...]
    features: tuple[Feature, ...]
    means: Mapping[str, Figure]
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
    protected: tuple[Feature, ...] = ()
    origin: Origin = "own"
    moved: Adaptation | None = None
    choice: ModelChoice | None = None
    controls: float = 1.0

    def forecasts(self, as_of: str | date | AsOf) -> bool:
        """Return whether a score as of a day is a forecast: no outcome it was trained on lies after the day."""
        day = parse_day(as_of)
        return self.trained_through is None or day >= self.trained_through

    def completed(self, table: FeatureTable) -> FeatureTable:
        """Return a feature table with an empty column for each condition of the rule alone that it has no column for.

        A condition that cannot be looked up is not met. Other models need every feature they were trained on.
        """
        made = {feature.name for feature in table.features}
        missing = [feature for feature in self.features if feature.name not in made]
        if self.origin != "rule" or not missing:
            return table
        empty = [pl.lit(None, dtype=feature.dtype).alias(feature.name) for feature in missing]
        frame = table.frame.with_columns(empty)
        return FeatureTable(frame=frame, features=(*table.features, *missing), missing=table.missing)

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
                required=len(self.columns),
                count=len(missing),
                missing=_listed([_short(table.missing.get(name, name)) for name in missing]),
            )
        for feature in self.features:
            if feature.name in self.columns and _meaning(feature) != _meaning(made[feature.name]):
                raise BundleError("bundle_feature_changed", name=feature.name)
        return table.frame.select(self.columns)

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the bundle to one file: aside first, then moved into place whole. The same bundle gives the same bytes.

        Raises
        ------
        InputError
            If the file is there already and `overwrite` is not given (``out_taken``).
        """
        write_archive(Path(path), self._members(), overwrite=overwrite)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file it is, or would be, saved to."""
        return sha256(packed(self._members())).hexdigest()

    def _members(self) -> dict[str, bytes]:
        about, _ = encode(_About, _About.model_construct(**{name: getattr(self, name) for name in _About.model_fields}))
        evaluation, _ = encode(Evaluation | None, self.evaluation)
        model, texts = encode(EstimatorState, to_state(self.model))
        members = {_ABOUT: about, _EVALUATION: evaluation, _MODEL: model}
        return members | {f"{_TEXTS}{name}{_TEXT_END}": text.encode() for name, text in texts.items()}


# All of a bundle but the model and its evaluation, which stand in members of their own.
_HINTS = get_type_hints(Bundle, include_extras=True)
_FIELDS: dict[str, Any] = {
    field.name: (_HINTS[field.name], ...) for field in fields(Bundle) if field.name not in ("model", "evaluation")
}
_About = create_model("_About", **_FIELDS)


def read_bundle(path: str | Path) -> Bundle:
    """Read a bundle, checking every byte before anything is built from it.

    Raises
    ------
    BundleError
        If it is missing, damaged, changed in any way, or not a bundle this release can read (``bundle_*``).
    """
    path = Path(path)
    members = read_archive(path)
    digest = sha256(packed(members)).hexdigest()
    state = _decoded(path, _MODEL, EstimatorState, members, _texts(path, members))
    evaluation = _decoded(path, _EVALUATION, Evaluation | None, members)
    about = dict(_decoded(path, _ABOUT, _About, members))
    try:
        bundle = Bundle(model=from_state(state), evaluation=evaluation, **about)
    except BundleError as error:
        raise BundleError("bundle_content", path=path, member=_MODEL, place=error.details["part"]) from error
    if place := next(validate(bundle), None):
        member = _EVALUATION if place == "evaluation" else _ABOUT
        raise BundleError("bundle_content", path=path, member=member, place=place)
    vars(bundle)["digest"] = digest  # kept as if worked out: putting all of it in JSON again would take a second
    return bundle


def _decoded(
    path: Path, member: str, kind: Any, members: Mapping[str, bytes], texts: Mapping[str, str] | None = None
) -> Any:
    if member not in members:
        raise BundleError("bundle_member_missing", path=path, member=member)
    try:
        return decode(kind, members[member], texts)
    except BundleError as error:
        raise BundleError("bundle_content", path=path, member=member, place=error.details["part"]) from error


def _texts(path: Path, members: Mapping[str, bytes]) -> dict[str, str]:
    """Return LightGBM's texts by name: all that is left of the members."""
    left = {name: content for name, content in members.items() if name not in (_ABOUT, _EVALUATION, _MODEL)}
    try:
        return {name.removeprefix(_TEXTS).removesuffix(_TEXT_END): content.decode() for name, content in left.items()}
    except UnicodeDecodeError as error:
        raise BundleError("bundle_content", path=path, member=_MODEL, place="texts") from error


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
