"""The gateway and its services beside a monolith that somebody could write instead."""
