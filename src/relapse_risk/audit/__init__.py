"""Whether the accounts agree: with themselves, with one another and with fact."""
