"""The registry: who there is."""
