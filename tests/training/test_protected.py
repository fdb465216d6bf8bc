"""Protected columns: no model is given them unless an office says so, none is ever a reason."""

import polars as pl
import pytest

from relapse_risk.bundle import read_bundle
from relapse_risk.errors import InputError
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature, build_features, without_protected
from relapse_risk.models import LogisticClassifier
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from relapse_risk.synthetic import synthesise

DAYS = ["2018-12-31", "2019-12-31"]
PROTECTED = {"head_female", "head_age", "has_spouse"}


@pytest.fixture(scope="module")
def records():
    return Records(synthesise(households=500, seed=3).tables)


@pytest.fixture(scope="module")
def bundle(records, train_alone):
    return train_alone(records, as_of=DAYS, model=LogisticClassifier(n_folds=2))


def lifted(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(mechanism=path)


def test_no_model_is_given_what_is_protected_and_the_bundle_and_roster_say_so(records, bundle, tmp_path):
    assert not PROTECTED & {*bundle.columns}
    assert {one.name for one in bundle.protected} == PROTECTED
    bundle.save(tmp_path / "model.rrb")
    assert read_bundle(tmp_path / "model.rrb").protected == bundle.protected
    roster = score(records, bundle, as_of="2020-12-31", lang="zh")
    roster.to_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert Texts("zh")("facts", "protected") in page
    assert "户主为女性" in page


def test_an_office_may_let_models_use_one_kind_and_it_is_no_reason_all_the_same(records, train_alone, tmp_path):
    policy = lifted(
        tmp_path,
        "[protected.sex]\npredictor = true\n\n[naming.supports]\n"
        'head_female = [{ column = "head_female", at_least = 1 }]',
    )
    bundle = train_alone(records, as_of=DAYS, model=LogisticClassifier(n_folds=2), policy=policy)
    assert "head_female" in bundle.columns
    assert {one.name for one in bundle.protected} == PROTECTED - {"head_female"}
    frame = score(records, bundle, as_of="2020-12-31", policy=policy).frame
    assert not frame["reason_text"].str.contains("女性").any()


def test_a_feature_of_an_office_made_from_a_protected_column_is_protected_too(records):
    def build(view):
        minority = (pl.col("ethnicity") != "汉族").mean()
        return view.residents.group_by("household_id").agg(minority_share=minority)

    share = Feature(
        name="minority_share",
        table="members",
        columns=("ethnicity",),
        reason="labour",
        unit="share",
        zh="少数民族人口占比",
        en="share of members of a minority",
    )
    own = Builder(name="own", features=(share,), build=build)
    table = build_features(records, "2019-12-31", builders=(*DEFAULT_BUILDERS, own))
    guarded = without_protected(table, read_policy().mechanism.protected)
    assert "minority_share" in {one.name for one in table.predictors}
    assert "minority_share" not in {one.name for one in guarded.predictors}
    assert guarded.frame.equals(table.frame)


def test_what_is_needed_is_not_protected(records):
    table = build_features(records, "2019-12-31")
    kept = {one.name for one in without_protected(table, read_policy().mechanism.protected).predictors}
    assert {"workers_able_share", "elderly_share", "children_share", "disabled_persons", "students_share"} <= kept
    assert {one.name for one in table.predictors} - kept == PROTECTED


def test_a_kind_without_its_words_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"protected\.caste"):
        lifted(tmp_path, '[protected.caste]\ncolumns = ["members.caste"]')
