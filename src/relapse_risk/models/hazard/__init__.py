"""The discrete-time hazard: several horizons, competing exits, partial follow-up."""
