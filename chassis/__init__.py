"""How any service runs. No word of the business stands in here."""
