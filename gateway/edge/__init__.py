"""What every answer has in common: problems, tags, keys, languages, limits, metrics. No word of any service."""
