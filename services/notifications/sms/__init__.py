"""Short messages, through any provider that takes them by HTTP."""
