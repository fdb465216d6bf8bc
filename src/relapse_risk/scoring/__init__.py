"""From records and a bundle to a roster; knows no input files and runs anywhere."""

from relapse_risk.scoring.day_request import DayRequest, ScoreRequest
from relapse_risk.scoring.describe_model import describe_model
from relapse_risk.scoring.predict import word_reasons
from relapse_risk.scoring.roster import Roster
from relapse_risk.scoring.score import DayDemand, Scored, demand_day, fit_day, score

__all__ = [
    "DayDemand",
    "DayRequest",
    "Roster",
    "ScoreRequest",
    "Scored",
    "demand_day",
    "describe_model",
    "fit_day",
    "score",
    "word_reasons",
]
