"""Every stage that any room reports has its wording."""

import re
from pathlib import Path

import relapse_risk
from relapse_risk.policy import word


def test_every_stage_reported_anywhere_has_its_wording_in_both_languages():
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(relapse_risk.__path__[0]).rglob("*.py"))
    stages = set(re.findall(r'(?:progress|bars)\("(\w+)"', source))
    assert {"reading", "features", "fit"} <= stages
    for stage in stages:
        assert word("stages", stage, "zh") != word("stages", stage, "en")
