"""The hazard's solver, and spells of a published panel, against other software; each number beside its call.

Rows: ``i = arange(60); y = ((53 * i) % 61) / 61 < 0.2 + 0.6 * (0.05 + 0.9 * ((37 * i) % 60) / 60); w = 1 + i % 3;
x = column_stack([ones(60), sin(i), cos(2 * i)]); offset = log(1 + i % 4); f = Binomial(link=CLogLog())``.
"""

import numpy as np
import polars as pl
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from relapse_risk.labels import fall_back_rates, find_spells, periods_at_risk
from relapse_risk.models import HazardClassifier
from relapse_risk.models.hazard import fit_cloglog

N = np.arange(60)
Y = (((N * 53) % 61) / 61 < 0.2 + 0.6 * (0.05 + 0.9 * ((N * 37) % 60) / 60)).astype(float)
X = np.column_stack([np.ones(60), np.sin(N), np.cos(2 * N)])
OFFSET = np.log(1.0 + N % 4)


def test_without_a_penalty_the_rates_are_statsmodels():
    # statsmodels 0.15.0: GLM(y, x, family=f, offset=offset, freq_weights=w).fit(tol=1e-14).params
    found = fit_cloglog(X, Y, 1.0 + N % 3, offset=OFFSET, ridge=np.zeros(3))
    assert found == pytest.approx([-1.2114398107342894, 0.24539063299121083, 0.2508763510784332], abs=1e-7)


def test_with_a_penalty_they_are_those_of_its_ridge():
    # statsmodels 0.15.0: GLM(y, x, family=f, offset=offset, freq_weights=w).fit_regularized(
    #     alpha=array([0, 2, 2]) / 60, L1_wt=0, start_params=zeros(3)).params
    found = fit_cloglog(X, Y, 1.0 + N % 3, offset=OFFSET, ridge=np.array([0.0, 2.0, 2.0]))
    assert found == pytest.approx([-1.20839291825293, 0.22634539978624615, 0.23322724833241504], abs=1e-5)


@pytest.fixture(scope="module")
def panel(shared, require):
    path = shared / "data" / "teen_poverty" / "teen_poverty_long.csv"
    frame = pl.read_csv(require(path, "the panel of teenagers in the folder `shared`"))
    return frame.with_columns(pl.col("id", "year").cast(pl.Int64), poor=pl.col("pov") == 1)


@pytest.fixture(scope="module")
def at_risk(panel):
    return periods_at_risk(find_spells(panel.select("poor", unit="id", period="year")))


@pytest.mark.slow
def test_the_published_conditional_logit(panel):
    # the panel's own README: conditional logit of pov on mother, spouse, inschool, hours and wave dummies
    varying = panel.filter(pl.col("poor").n_unique().over("id") > 1)
    assert (varying["id"].n_unique(), varying.height) == (827, 4135)
    names = ["mother", "spouse", "inschool", "hours"]
    waves = [(varying["year"] == wave).cast(pl.Float64).alias(f"wave_{wave}") for wave in range(2, 6)]
    design = varying.select(*names, *waves).to_numpy()
    fitted = ConditionalLogit(varying["pov"].to_numpy(), design, groups=varying["id"].to_numpy()).fit(
        disp=0, method="newton"
    )
    assert fitted.llf == pytest.approx(-1520.1139, abs=5e-5)
    # spouse is -0.74776 at the maximum, where the gradient is 1e-14
    assert fitted.params[:4] == pytest.approx([0.5824, -0.7477, 0.2719, -0.0196], abs=7e-5)
    assert fitted.bse[:4] == pytest.approx([0.1596, 0.1753, 0.1127, 0.0032], abs=5e-5)


def test_its_entries_and_fall_backs(at_risk):
    # the panel's own README: 751 entries of 2,859 person-years; back the year after: 55 of 152, 63 of 207, 50 of 174
    assert (at_risk.height, int(at_risk["fell"].sum())) == (2859, 751)
    first = fall_back_rates(at_risk.filter(pl.col("duration") == 1), "period")
    assert first.select("fell", "at_risk").rows() == [(55, 152), (63, 207), (50, 174)]


def test_the_hazard_of_falling_back_and_its_standard_errors_are_statsmodels(at_risk):
    # statsmodels 0.15.0, d = duration of rows whose exit was seen, g = unit:
    #     m = GLM(fell, column_stack([d == 1, d == 2, d == 3]).astype(float), family=f).fit(tol=1e-14,
    #         cov_type="cluster", cov_kwds={"groups": g, "use_correction": False}); m.params; m.bse
    rates = np.array([-0.9712114643532248, -1.4814776785349444, -1.442277464694405])
    errors = np.array([0.07805413882441005, 0.1431648772458403, 0.25058248644871917])
    seen = at_risk.drop_nulls().with_columns(months=(pl.col("duration") - 1) * 12)
    model = HazardClassifier(duration="months", calibration=None, penalty=1e-7)
    model.fit(seen.select("months"), seen["fell"], household=seen["unit"])
    terms = np.array([[0.0], [12.0], [24.0]])
    risk = -np.expm1(-np.exp(rates))
    assert model.predict_proba(pl.DataFrame(terms, schema=["months"]))[:, 1] == pytest.approx(risk, abs=1e-6)
    # d logit(1 - exp(-exp(r))) / dr = exp(r) / (1 - exp(-exp(r)))
    assert model.core_.std_error(terms) == pytest.approx(errors * np.exp(rates) / risk, rel=1e-4)
