"""What is learned from: the rows of past days, what became of them, and who and where their households are."""

from relapse_risk.training.sample.chosen_days import choose_days, deal_households
from relapse_risk.training.sample.dataset import (
    LabelledDays,
    SamplePlan,
    TrainingData,
    TrainingRows,
    describe_rows,
    gather,
    label_days,
    shares_to_come,
)
from relapse_risk.training.sample.household_groups import GROUPS, describe_households
from relapse_risk.training.sample.past import first_days, first_known, look_back
from relapse_risk.training.sample.places import places_of
from relapse_risk.training.sample.sample import (
    LEAST_RELAPSES,
    MOST_TO_COME,
    TrainingSample,
    drawn_rows,
    open_days,
    outcome_of,
    require_every_day,
    require_relapses,
    sample_of,
    sample_rows,
    take_sample,
)
from relapse_risk.training.sample.sample_facts import sample_facts

__all__ = [
    "GROUPS",
    "LEAST_RELAPSES",
    "MOST_TO_COME",
    "LabelledDays",
    "SamplePlan",
    "TrainingData",
    "TrainingRows",
    "TrainingSample",
    "choose_days",
    "deal_households",
    "describe_households",
    "describe_rows",
    "drawn_rows",
    "first_days",
    "first_known",
    "gather",
    "label_days",
    "look_back",
    "open_days",
    "outcome_of",
    "places_of",
    "require_every_day",
    "require_relapses",
    "sample_facts",
    "sample_of",
    "sample_rows",
    "shares_to_come",
    "take_sample",
]
