"""An office's file, read in a process of its own.

A file that breaks the reader, or makes it grow, breaks nothing else: that process has no database and no keys. And on two
cores reading goes on beside comparing, which halves the time in which a city's list is read.
"""

from services.registry.reading.frames import PlannedSheet, Request
from services.registry.reading.reading import Reading, reading

__all__ = ["PlannedSheet", "Reading", "Request", "reading"]
