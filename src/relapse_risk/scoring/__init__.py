"""From records and a bundle to a roster; knows no input files and runs anywhere."""

from relapse_risk.scoring.day_request import DayRequest, ScoreRequest
from relapse_risk.scoring.roster import Roster
from relapse_risk.scoring.score import Scored, score, score_day

__all__ = ["DayRequest", "Roster", "ScoreRequest", "Scored", "score", "score_day"]
