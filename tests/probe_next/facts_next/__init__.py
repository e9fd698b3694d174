"""Events of the probe service after its upgrade."""
