"""The feature table: one row per household known on each as-of day, one column per declared feature."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.features.builders import DEFAULT_BUILDERS
from relapse_risk.features.declare import Builder, Feature
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines
from relapse_risk.progress import Progress, silent
from relapse_risk.records import AsOfView, AsOfViews, Records

__all__ = ["FeatureTable", "build_features"]

_KEYS = ("household_id", "as_of")
_RESERVED = (*_KEYS, "relapsed")


@dataclass(frozen=True, kw_only=True)
class FeatureTable:
    """Features of every household known on each as-of day.

    Attributes
    ----------
    frame : pl.DataFrame
        household_id, as_of and a column per feature: Float64 for numbers and flags (0, 1 or null), String for codes.
        Sorted by as_of, then household_id.
    features : tuple of Feature
        What the columns are, in their order.
    missing : Mapping of str to str
        Features without a column, each with what is missing in the records: ``table illness``,
        ``column self_paid of illness``.
    """

    frame: pl.DataFrame
    features: tuple[Feature, ...]
    missing: Mapping[str, str]

    @property
    def predictors(self) -> tuple[Feature, ...]:
        """The features that enter models."""
        return tuple(feature for feature in self.features if feature.role == "predictor")


def build_features(
    records: Records | AsOfView | AsOfViews,
    as_of: str | date | AsOf | Sequence[str | date | AsOf] | None = None,
    *,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    lines: Lines | None = None,
    progress: Progress = silent,
) -> FeatureTable:
    """Build the features of every household known on one or several as-of days.

    Nothing recorded after a day has any part in its rows: builders are handed the view of the day (`AsOfView`) and
    never the records.

    Windows are counted over what the register holds. Where its history is shorter than a window, the count is of what
    is there: a table that begins two years before the day has two years of events in a window of three.

    Parameters
    ----------
    records : Records, AsOfView or AsOfViews
        All versions of the records; or a view of one day, or the views of several, which are not made again.
    as_of : str, date, AsOf or a sequence of them, optional
        The as-of days; by default that of the view.
    builders : sequence of Builder
        What to build; add your own as ``(*DEFAULT_BUILDERS, mine)``.
    lines : Lines, optional
        Poverty lines; by default those of the view, else the built-in ones.
    progress : Progress
        Told the stage ``features``.

    Returns
    -------
    FeatureTable

    Raises
    ------
    InputError
        As ``AsOfView.of``; if two features share a name (``feature_twice``) or one has a name that is kept for the
        library (``feature_reserved``), if a builder does not return what it declares (``builder_columns``) or returns a
        household twice (``builder_rows``).

    Examples
    --------
    >>> from datetime import date
    >>> households = pl.DataFrame({"household_id": ["h1"], "recorded_on": [date(2019, 1, 1)], "safe_water": [False]})
    >>> table = build_features(Records({"households": households}), "2019-12-31")
    >>> [feature.name for feature in table.features], table.frame["unsafe_water"].to_list()
    (['unsafe_water'], [1.0])
    >>> table.missing["illness_self_paid_12m"]
    'table illness'
    """
    _no_name_twice(builders)
    views = AsOfViews.of(records, lines=lines)
    days = _days(records.as_of if as_of is None and isinstance(records, AsOfView) else as_of)
    if isinstance(records, AsOfView) and days != [records.as_of]:
        raise InputError("state_of_other_day", day=days[0], state=records.as_of)
    frames = []
    for done, day in enumerate(days):
        progress("features", done / len(days))
        frames.append(_of_day(views.on(day), builders))
    progress("features", 1.0)
    why_missing = {feature.name: feature.lack(views.records) for builder in builders for feature in builder.features}
    return FeatureTable(
        frame=pl.concat(frames),
        features=tuple(f for builder in builders for f in builder.features if why_missing[f.name] is None),
        missing={name: lack for name, lack in why_missing.items() if lack is not None},
    )


def _days(as_of: str | date | AsOf | Sequence[str | date | AsOf] | None) -> list[AsOf]:
    if as_of is None:
        raise InputError("day_unreadable", day=as_of)
    several = [as_of] if isinstance(as_of, (str, date, AsOf)) else as_of
    return sorted({AsOf.of(day) for day in several})


def _no_name_twice(builders: Sequence[Builder]) -> None:
    names = [feature.name for builder in builders for feature in builder.features]
    for name in names:
        if name in _RESERVED or name.startswith("_"):
            raise InputError("feature_reserved", name=name, reserved=", ".join(_RESERVED))
        if names.count(name) > 1:
            raise InputError("feature_twice", name=name)


def _of_day(view: AsOfView, builders: Sequence[Builder]) -> pl.DataFrame:
    households = view.known.require("households")
    frame = households.select("household_id", pl.lit(view.as_of.day).alias("as_of")).sort("household_id")
    for builder in builders:
        features = [feature for feature in builder.features if feature.lack(view.known) is None]
        if features:
            unrecorded = {feature.name for feature in features if not feature.is_recorded(view.known)}
            frame = _joined(frame, builder, features, builder.build(view), unrecorded)
    return frame


def _joined(
    frame: pl.DataFrame,
    builder: Builder,
    features: Sequence[Feature],
    built: pl.DataFrame,
    unrecorded: Collection[str],
) -> pl.DataFrame:
    """Add what a builder made; where the records tell nothing of anybody, a count of nothing is not known to be 0."""
    _check_built(builder, features, built)
    columns = built.select("household_id", *(_as_declared(feature) for feature in features), _built=pl.lit(True))
    filled = [
        _unknown(feature)
        if feature.name in unrecorded
        else pl.when(pl.col("_built").is_null()).then(pl.lit(feature.empty)).otherwise(feature.name).alias(feature.name)
        for feature in features
        if feature.empty is not None
    ]
    joined = frame.join(columns, on="household_id", how="left", maintain_order="left")
    return joined.with_columns(filled).drop("_built")


def _unknown(feature: Feature) -> pl.Expr:
    return pl.lit(None, dtype=feature.dtype).alias(feature.name)


def _check_built(builder: Builder, features: Sequence[Feature], built: pl.DataFrame) -> None:
    missing = [name for name in ("household_id", *(f.name for f in features)) if name not in built.columns]
    if missing:
        raise InputError("builder_columns", builder=builder.name, missing=", ".join(missing))
    if built["household_id"].is_duplicated().any():
        raise InputError("builder_rows", builder=builder.name)


def _as_declared(feature: Feature) -> pl.Expr:
    value = pl.col(feature.name).cast(feature.dtype)
    return value if feature.kind == "code" else pl.when(value.is_finite()).then(value).alias(feature.name)
