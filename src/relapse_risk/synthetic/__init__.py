"""An invented register of a prefecture whose relapses follow a known law: input for demos, tests and experiments."""

from relapse_risk.synthetic.dialects import DIALECTS, write_population
from relapse_risk.synthetic.population import Population, synthesise

__all__ = ["DIALECTS", "Population", "synthesise", "write_population"]
