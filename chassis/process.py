"""What every plain process does the same: stop cleanly when it is told to."""

from __future__ import annotations

import faulthandler
import signal
import threading

#: Seconds that a process has to stop; all it does can be cut off anywhere, so nothing is worth more.
PATIENCE = 20


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set.

    A second signal ends the process at once. So does its patience, and what each thread was doing goes to standard error.
    """
    stopping = threading.Event()

    def stop(number: int, _: object) -> None:
        if stopping.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stopping.set()
        faulthandler.dump_traceback_later(PATIENCE, exit=True)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping
