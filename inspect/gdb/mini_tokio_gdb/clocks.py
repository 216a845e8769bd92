"""The clock of a runtime's timer, and how long it is to a deadline by it."""

import time

import gdb

from . import rust, table

PAUSED = 1


def is_live():
    """Whether there is a process, and no core file: only then is now now."""
    inferior = gdb.selected_inferior()
    return inferior.pid != 0 and getattr(inferior.connection, "type", "native") != "core"


def shared_of(timer):
    handle = rust.arc(timer[timer.type.fields()[0]])
    return rust.arc(handle["shared"])


def numbers(value):
    """All numbers in a value, in order: an Instant's seconds and nanoseconds."""
    if value.type.code in rust.NUMBERS:
        return [int(value)]
    if value.type.code == rust.STRUCT:
        return [number for field in rust.fields(value) for number in numbers(value[field])]
    return []


def nanos(instant):
    seconds, fraction = numbers(instant)[:2]
    return seconds * 10**9 + fraction


def until(timer, deadline):
    """In words, how long it is to `deadline`, which is in nanoseconds since the timer was made."""
    clock = shared_of(timer)["clock"]
    word = rust.number(clock["word"])
    if word & PAUSED:
        return f"in {table.age((deadline - (word >> 1)) / 1e9)} of paused time"
    if not is_live():
        return f"{deadline / 1e9:.3f} s after its timer was made"
    # A clock that was paused is ahead of the machine's by what was advanced: a signed number in the word.
    ahead = (word if word < 1 << 63 else word - (1 << 64)) >> 1
    left = deadline - (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - nanos(clock["origin"]) + ahead)
    return f"in {table.age(left / 1e9)}" if left > 0 else "now"


def until_instant(timer, instant):
    return until(timer, nanos(instant) - nanos(shared_of(timer)["clock"]["origin"]))
