"""Every stage that any room reports has its wording."""

import ast

from relapse_risk.policy import Texts
from tests.source_trees import calls


def test_every_stage_reported_anywhere_has_its_wording_in_both_languages():
    reported = [call.args[0] for _, call in calls("progress", "bars") if call.args]
    stages = {stage.value for stage in reported if isinstance(stage, ast.Constant)}
    assert {"reading", "features", "fit"} <= stages
    for stage in stages:
        assert Texts("zh")("stages", stage) != Texts("en")("stages", stage)
