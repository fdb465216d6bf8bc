"""What is learned from: the rows of past days, what became of them, and who and where their households are."""

from relapse_risk.training.sample.chosen_days import choose_days, deal_households
from relapse_risk.training.sample.dataset import TrainingData, gather
from relapse_risk.training.sample.household_groups import GROUPS, describe_households
from relapse_risk.training.sample.past import look_back
from relapse_risk.training.sample.places import places_of
from relapse_risk.training.sample.sample import LEAST_RELAPSES, MOST_TO_COME, TrainingSample, outcome_of, take_sample
from relapse_risk.training.sample.sample_facts import sample_facts

__all__ = [
    "GROUPS",
    "LEAST_RELAPSES",
    "MOST_TO_COME",
    "TrainingData",
    "TrainingSample",
    "choose_days",
    "deal_households",
    "describe_households",
    "gather",
    "look_back",
    "outcome_of",
    "places_of",
    "sample_facts",
    "take_sample",
]
