"""What one would otherwise write: pandas, LGBMClassifier, shap on every household; see `benchmarks/stages.py`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from stages import DAY, HORIZON, TRAINED_DAY, Place

Timed = Callable[[], object]
Tables = Mapping[str, pd.DataFrame]

# Of each table of events: the day, the amount, and the code it is counted by.
EVENTS = {
    "illness": ("occurred_on", "self_paid", "kind"),
    "disasters": ("occurred_on", "loss", "kind"),
    "assistance": ("started_on", "amount", "kind"),
    "employment": ("started_on", "monthly_wage", "region"),
    "loans": ("started_on", "principal", "status"),
    "monitoring": ("identified_on", None, "risk"),
    "disabilities": ("certified_on", None, "category"),
    "relapses": ("relapsed_on", None, "cause"),
}
CODES = ("sex", "relation", "education", "student_status", "health_status", "labour_capacity", "work_region")
INCOMES = ("wage", "business", "property", "transfer", "production_cost", "net_income", "net_income_per_capita")
OF_HOUSEHOLD = ("household_type", "poverty_cause", "house_grade")


def prepare(place: Place) -> None:
    """Keep the model that `process` predicts with."""
    if not _model_file(place).exists():
        _trained(place)[1].booster_.save_model(_model_file(place))


def read(place: Place) -> Timed:
    return lambda: _tables(place)


def features(place: Place) -> Timed:
    tables = _tables(place)
    return lambda: _features(tables, DAY)


def label(place: Place) -> Timed:
    tables = _tables(place)
    return lambda: _relapsed(tables, TRAINED_DAY)


def fit(place: Place) -> Timed:
    tables = _tables(place)
    X = _features(tables, TRAINED_DAY)
    y = X.index.isin(_relapsed(tables, TRAINED_DAY))
    return lambda: _model().fit(X, y)


def predict(place: Place) -> Timed:
    X, model = _trained(place)
    return lambda: model.predict_proba(X)


def reasons(place: Place) -> Timed:
    import shap

    X, model = _trained(place)
    return lambda: shap.TreeExplainer(model).shap_values(X)


def write(place: Place) -> Timed:
    X, model = _trained(place)
    risk = pd.Series(model.predict_proba(X)[:, 1], index=X.index)
    place.out.mkdir(exist_ok=True)
    return lambda: _write(X, risk, None, place)


def process(place: Place) -> Timed:
    """Do all of it with a model that is there, from files to files."""
    import shap

    place.out.mkdir(exist_ok=True)

    def run() -> None:
        import lightgbm as lgb

        X, model = _features(_tables(place), DAY), lgb.Booster(model_file=_model_file(place))
        X = X.reindex(columns=model.feature_name())
        risk = pd.Series(model.predict(X), index=X.index)
        _write(X, risk, shap.TreeExplainer(model).shap_values(X), place)

    return run


def _model_file(place: Place) -> Path:
    return place.folder / "pandas_model.txt"


def _tables(place: Place) -> Tables:
    return {file.stem: pd.read_parquet(file) for file in sorted(place.register.glob("*.parquet"))}


def _features(tables: Tables, day: str) -> pd.DataFrame:
    """Return a row for each household: what is known of it on a day."""
    end = pd.Timestamp(day)
    known = {name: table[pd.to_datetime(table["recorded_on"]) <= end] for name, table in tables.items()}
    homes = known["households"].sort_values("recorded_on").groupby("household_id").last()
    parts = [homes[["size", "farmland_mu", "relocated", "safe_water", "exit_year"]].astype(float)]
    parts += [pd.get_dummies(homes[code], prefix=code, dtype=float) for code in OF_HOUSEHOLD]
    parts += [_of_members(known["members"], end), *_of_incomes(known["incomes"])]
    for name, (on, amount, code) in EVENTS.items():
        for months in (12, 36):
            parts.append(_of_events(known[name], name, on, amount, code, end, months))
    made = homes[[]].join(parts)
    made.columns = [str(name).encode("ascii", "replace").decode().replace("?", "_") for name in made.columns]
    return made


def _of_members(members: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    latest = members.sort_values("recorded_on").groupby("person_id").last()
    latest = latest[latest["left_on"].isna()]
    age = (end - pd.to_datetime(latest["birth_date"])).dt.days / 365.25
    ages = pd.DataFrame({"household_id": latest["household_id"], "young": age < 16, "old": age >= 60, "age": age})
    found = ages.groupby("household_id").agg({"young": "sum", "old": "sum", "age": ["mean", "max"]})
    found.columns = ["young", "old", "mean_age", "oldest"]
    counts = [pd.crosstab(latest["household_id"], latest[code]).add_prefix(f"{code}_") for code in CODES]
    months = latest.groupby("household_id")[["work_months", "medical_insured", "pension_insured"]].mean()
    return found.join([*counts, months.astype(float)])


def _of_incomes(incomes: pd.DataFrame) -> list[pd.DataFrame]:
    by_year = incomes.sort_values("period_end").groupby("household_id")[list(INCOMES)]
    last, before = by_year.nth(-1), by_year.nth(-2)
    last, before = (part.set_index(incomes.loc[part.index, "household_id"]) for part in (last, before))
    return [last.add_prefix("last_"), (last - before).add_prefix("change_"), by_year.std().add_prefix("std_")]


def _of_events(
    events: pd.DataFrame, name: str, on: str, amount: str | None, code: str, end: pd.Timestamp, months: int
) -> pd.DataFrame:
    days = pd.to_datetime(events[on])
    recent = events[(days > end - pd.DateOffset(months=months)) & (days <= end)]
    of_home = recent.groupby("household_id")
    found = of_home.size().to_frame(f"{name}_{months}m")
    if amount:
        found[[f"{name}_sum_{months}m", f"{name}_max_{months}m"]] = of_home[amount].agg(["sum", "max"])
    counts = pd.crosstab(recent["household_id"], recent[code].fillna("-"))
    return found.join(counts.add_prefix(f"{name}_{months}m_"))


def _relapsed(tables: Tables, day: str) -> pd.Index:
    on = pd.to_datetime(tables["relapses"]["relapsed_on"])
    within = (on > pd.Timestamp(day)) & (on <= pd.Timestamp(day) + pd.DateOffset(months=HORIZON))
    return pd.Index(tables["relapses"].loc[within, "household_id"].unique())


def _model():
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=200, n_jobs=1, verbosity=-1)  # as ours: threads that wait for one another count


def _trained(place: Place):
    tables = _tables(place)
    past = _features(tables, TRAINED_DAY)
    model = _model().fit(past, past.index.isin(_relapsed(tables, TRAINED_DAY)))
    return _features(tables, DAY).reindex(columns=past.columns), model


def _write(X: pd.DataFrame, risk: pd.Series, values, place: Place) -> None:
    """Write every household's risk, and the twentieth part that is visited as a workbook."""
    found = pd.DataFrame({"household_id": X.index, "probability": risk.to_numpy()})
    if values is not None:
        found["reason"] = X.columns.to_numpy()[values.argmax(axis=1)]
    found.to_parquet(place.out / "pandas.parquet")
    listed = found.nlargest(len(found) // 20, "probability")
    listed.merge(X.reset_index(), on="household_id").to_excel(place.out / "pandas.xlsx", engine="openpyxl", index=False)
