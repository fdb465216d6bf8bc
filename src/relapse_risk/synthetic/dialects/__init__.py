"""The register as others export it: one workbook a county, or one list a department, with faults of known kinds."""

from relapse_risk.synthetic.dialects.exporting import DIALECTS, write_population
from relapse_risk.synthetic.dialects.habits import DAY, NUMBER, TEXT, Cells
from relapse_risk.synthetic.dialects.workbook import open_workbook

__all__ = ["DAY", "DIALECTS", "NUMBER", "TEXT", "Cells", "open_workbook", "write_population"]
