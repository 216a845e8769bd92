"""The clock of a runtime's timer, and how long it is to a deadline by it."""

import time

import gdb

from . import rust, table, values

PAUSED = 1


def is_live():
    """Whether there is a process, and no core file: only then is now now."""
    inferior = gdb.selected_inferior()
    return inferior.pid != 0 and getattr(inferior.connection, "type", "native") != "core"


def shared_of(timer):
    handle = rust.arc(timer[timer.type.fields()[0]])
    return rust.arc(handle["shared"])


def nanos(instant):
    """An Instant's nanoseconds: it begins with eight bytes of seconds, then come four of nanoseconds."""
    start = values.memory(instant.place, 12)
    return int.from_bytes(start[:8], "little") * 10**9 + int.from_bytes(start[8:], "little")


class Reading:
    """What a clock shows at this stop of the program."""

    def __init__(self, timer):
        clock = shared_of(timer)["clock"]
        word, self.origin, self.is_live = rust.number(clock["word"]), nanos(clock["origin"]), is_live()
        self.is_paused = bool(word & PAUSED)
        if self.is_paused:
            self.now = word >> 1
        else:
            # A clock that was paused is ahead of the machine's, by a number modulo 2^63 in the word.
            self.now = (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self.origin + (word >> 1)) % (1 << 63)

    def until(self, deadline):
        """In words, how long it is to `deadline`, which is in nanoseconds since the timer was made."""
        left = deadline - self.now
        if self.is_paused:
            return f"in {table.age(left / 1e9)} of paused time"
        if not self.is_live:
            return f"{deadline / 1e9:.3f} s after its timer was made"
        return f"in {table.age(left / 1e9)}" if left > 0 else "now"

    def until_instant(self, instant):
        return self.until(nanos(instant) - self.origin)


# The clocks that were read by the present command, by the number of the runtime.
readings = {}


def reading(runtime, timer):
    """The clock of a runtime's timer, which is looked for only if it was not read yet."""
    if runtime not in readings:
        readings[runtime] = Reading(timer())
    return readings[runtime]
