"""Whatever is named of a household is supported by its own figures: on the sample exports and on invented registers."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest

import relapse_risk as rr
from relapse_risk.bundle import Bundle, rule_bundle
from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable, all_of, any_of, build_features
from relapse_risk.labels import find_cohort
from relapse_risk.models import LogisticClassifier
from relapse_risk.policy import REASONS, Texts, read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from tests.scoring.scored_registers import make_bundle

DAY = "2019-12-31"
NAMING = read_policy().mechanism.naming
FEATURES = {feature.name: feature for builder in DEFAULT_BUILDERS for feature in builder.features}


def fit(records: Records, day: str = DAY) -> tuple[FeatureTable, Bundle]:
    """Fit a model of who is poor soon on nothing but noise and income: every feature has a term of some sign."""
    table = build_features(records, day)
    cohort = find_cohort(records, day).filter(population="at_risk")
    rows = table.frame.join(cohort.select("household_id"), on="household_id", how="semi")
    used = [f for f in table.predictors if rows[f.name].n_unique() > 1]
    columns = tuple(feature.name for feature in used)
    income = rows["income_over_line"].fill_null(1.0)
    noise = np.random.default_rng(0).random(rows.height) < 0.1
    outcome = (income < income.median()).to_numpy() ^ noise
    model = LogisticClassifier(
        {f.name: f.reason for f in used}, {f.name: f.sign for f in used}, penalty=30.0, n_folds=2
    )
    model.fit(rows.select(columns), outcome, household=rows["household_id"].to_numpy())
    bundle = make_bundle(reference=None, shocks=None, past_years=None, rows=rows.height, households=rows.height)
    return table, replace(bundle, model=model, columns=columns, features=tuple(table.features))


def named_parts(frame: pl.DataFrame, lang: str) -> list[tuple[dict, list[tuple[str, str]]]]:
    """Return every scored row with the reasons named of it and the sentence of each."""
    texts, found = Texts(lang), []
    for row in frame.filter(population="at_risk").rows(named=True):
        codes = [code for place in (1, 2, 3) if (code := row[f"reason_{place}"])]
        pieces = row["reason_text"].split(texts("sentences", "separator")) if codes else []
        lead = [texts("sentences", "of_reason", reason=texts("reasons", code), sentence="") for code in codes]
        joined = [texts("sentences", "separator").join(pieces)] if codes else []
        for code, begin in zip(codes, lead, strict=True):
            assert begin in joined[0], (code, joined)
        found.append((row, list(zip(codes, _split(row["reason_text"], lead), strict=True))))
    return found


def _split(text: str | None, leads: list[str]) -> list[str]:
    """Return what stands after each reason's own word."""
    places = [(text or "").index(lead) for lead in leads]
    ends = [*places[1:], None]
    return [
        (text or "")[at + len(lead) : end] for at, lead, end in zip(places, leads, ends[: len(places)], strict=True)
    ]


def check_supported(frame: pl.DataFrame, table: FeatureTable, lang: str) -> Counter:
    """Assert of every named reason that a figure of the household supports it, and count the reasons."""
    columns = table.frame.columns
    supports = {
        name: table.frame.select(
            "household_id", held=all_of(conditions, columns) if {c.column for c in conditions} <= {*columns} else None
        ).rows_by_key("household_id", unique=True)
        for name, conditions in NAMING.supports.items()
        if name in columns
    }
    against = {
        reason: table.frame.select("household_id", held=any_of(conditions, columns)).rows_by_key(
            "household_id", unique=True
        )
        for reason, conditions in NAMING.contradicted.items()
    }
    counts: Counter = Counter()
    for row, parts in named_parts(frame, lang):
        home = row["household_id"]
        for reason, sentence in parts:
            counts[reason] += 1
            assert REASONS[reason].named
            assert re.search(r"\d", sentence), (reason, sentence)
            of_reason = [name for name in supports if FEATURES[name].reason == reason]
            assert any(supports[name][home][0] for name in of_reason), (home, reason, sentence)
            assert reason not in against or not against[reason][home][0], (home, reason, sentence)
    return counts


@cache
def sample(read):
    records = read("registry").records
    table, bundle = fit(records, "2020-12-31")
    return records, table, bundle


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_the_samples_every_named_reason_is_supported_by_a_figure_it_quotes(read_sample, lang):
    records, table, bundle = sample(read_sample)
    frame = score(records, bundle, as_of="2020-12-31", capacity=80, lang=lang).frame
    counts = check_supported(frame, table, lang)
    assert len(counts) >= 8
    assert "place" not in counts
    if lang == "zh":
        text = "\n".join(frame["reason_text"].drop_nulls())
        shares = [float(share) for share in re.findall(r"转移性收入占比高：转移性收入 [^；]*占总收入 ([\d.]+)%", text)]
        assert not re.search("女性|户主|耕地|所在|民族|该方面的情况", text)
        assert not re.search(r"产业发展困难：生产经营净收入较上期变化 \+", text)
        assert min(shares, default=100) >= 33
        assert not re.search(r"负债：[^；\d]*(；|$)", text)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_on_invented_registers_too(seed):
    records = Records(rr.synthesise(households=150, seed=seed).tables)
    day = str(records.exported_on or date(2020, 12, 31))
    table, bundle = fit(records, day)
    for one in (bundle, rule_bundle()):
        frame = score(records, one, as_of=day, lang="en").frame
        check_supported(frame, table, "en")


def test_only_features_that_quote_a_figure_may_speak_and_never_of_a_reason_that_is_not_named():
    for name in NAMING.supports:
        feature = FEATURES[name]
        assert feature.sentence is not None, name
        assert REASONS[feature.reason].named
        for lang in ("zh", "en"):
            quoted = re.findall(r"\{(\w+)[:}]", feature.sentence[lang])
            assert any(FEATURES[one].kind != "code" for one in quoted), name


def test_a_floor_of_an_office_is_used_and_one_on_no_feature_refused(tmp_path):
    records = Records(rr.synthesise(households=150, seed=1).tables)
    bundle = fit(records, "2020-12-31")[1]

    def scored_with(text):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        policy = read_policy(mechanism=path)
        return score(records, bundle, as_of="2020-12-31", capacity=80, policy=policy).frame

    ours = score(records, bundle, as_of="2020-12-31", capacity=80).frame
    most = ours["reason_1"].drop_nulls().mode().sort()[0]
    silenced = [f"{name} = []" for name in NAMING.supports if FEATURES[name].reason == most]
    silent = scored_with("\n".join(["[naming.supports]", *silenced]))
    named = [sum((frame[f"reason_{n}"] == most).sum() for n in (1, 2, 3)) for frame in (ours, silent)]
    assert named[1] < named[0]
    parts = [f"contribution_{reason}" for reason in REASONS]
    assert ours.select(parts).equals(silent.select(parts))
    with pytest.raises(rr.InputError, match="no_such_column"):
        scored_with('[naming.supports]\nill_share = [{ column = "no_such_column", at_least = 1 }]')
    with pytest.raises(rr.InputError, match="naming"):
        scored_with('[naming.contradicted]\nweather = [{ column = "students", at_least = 1 }]')
