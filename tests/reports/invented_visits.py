"""A month's visits of invented households, in villages whose names a workbook could trip over."""

from datetime import date, timedelta

import polars as pl

from relapse_risk.policy import read_policy
from relapse_risk.reports import VisitList

AS_OF = date(2020, 2, 29)
MEASURES = """
[measures.measure.medical_aid]
zh = "医疗救助：自付仍有困难的继续救助"
en = "medical assistance, with what is left to pay"

[measures.measure.temporary_relief]
zh = "临时救助"
en = "temporary relief"

[measures.measure.job]
zh = "务工就业，至少一人"
en = "a job, for one at least"

[rules.house_d]
zh = "住D级危房"
en = "lives in a D-grade house"
"""

PLACES = (
    ("东华镇", "上村", "1组"),
    ("东华镇", "=SUM(1,2)", "2组"),
    ("新村镇", "上村", None),
    ("新村镇", "a/b:c*很长的村名很长的村名很长的村名很长的村名很长的村名很长的村名", "3组"),
    (None, None, None),
)
LISTED_FOR = ("model", "model", "rule", "random")


def invented_policy(folder):
    """Return a policy whose measures are these, whatever ours are."""
    path = folder / "mechanism.toml"
    path.write_text(MEASURES, encoding="utf-8")
    return read_policy(mechanism=path)


def make_waiting(n, first=100):
    """Return some households that wait, in villages in turn, and where they live."""
    ids = [f"00{532300000000000000 + first + i}" for i in range(n)]
    waiting = pl.DataFrame(
        {
            "household_id": ids,
            "tier": ["yellow"] * n,
            "waiting_for": [("model", "rule", "former")[i % 3] for i in range(n)],
            "override": ["house_d" if i % 3 == 1 else None for i in range(n)],
            "reason_text": ["1. 因病：近12个月自付医疗费 8,400 元" if i % 3 < 2 else None for i in range(n)],
            "waiting_since": [date(2020, 1, 31) if i % 2 else AS_OF for i in range(n)],
        }
    )
    homes = [PLACES[i % len(PLACES)] for i in range(n)]
    places = {name: [home[at] for home in homes] for at, name in enumerate(("town", "village", "group_name"))}
    return waiting, pl.DataFrame({"household_id": ids, "county": ["楚雄市"] * n, **places})


def make_visits(n=23, remarks=()):
    rows = [
        {
            "alert_id": 1001 + i,
            "household_id": f"00{532300000000000000 + i}",
            "tier": None if LISTED_FOR[i % 4] == "random" else ("red", "orange", "yellow")[i % 3],
            "listed_for": LISTED_FOR[i % 4],
            "override": "house_d" if LISTED_FOR[i % 4] == "rule" else None,
            "change": ("new", "worse", "better", "same", None)[i % 5],
            "moved": (None, "illness", "employment", None, None)[i % 5],
            "reason_text": "1. 因病：近12个月自付医疗费 8,400 元\n2. 因残" if i % 4 < 3 else None,
            "measures": ("medical_aid+job", "temporary_relief", None)[i % 3],
            "deadline": AS_OF + timedelta(days=7 * (i % 3 + 1)),
        }
        for i in range(n)
    ]
    homes = [PLACES[i % len(PLACES)] for i in range(n)]
    texts = ("household_id", "tier", "listed_for", "override", "change", "moved", "reason_text", "measures")
    schema = {"alert_id": pl.Int64, **dict.fromkeys(texts, pl.String), "deadline": pl.Date}
    return VisitList(
        as_of=AS_OF,
        lines=pl.DataFrame(rows, schema=schema),
        places=pl.DataFrame(
            {
                "household_id": [row["household_id"] for row in rows],
                "county": ["楚雄市"] * n,
                **{name: [home[at] for home in homes] for at, name in enumerate(("town", "village", "group_name"))},
            },
            schema=dict.fromkeys(("household_id", "county", "town", "village", "group_name"), pl.String),
        ),
        remarks=remarks,
    )
