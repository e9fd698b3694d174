"""Events of the probe service."""
