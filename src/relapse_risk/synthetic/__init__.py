"""An invented register of a prefecture whose relapses follow a known law: input for demos, tests and experiments."""

from relapse_risk.synthetic.population import Population, synthesise, write_population

__all__ = ["Population", "synthesise", "write_population"]
