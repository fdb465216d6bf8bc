"""The register as others export it: one workbook a county, or one list a department, with faults of known kinds."""

from relapse_risk.synthetic.dialects.exporting import DIALECTS, write_population

__all__ = ["DIALECTS", "write_population"]
