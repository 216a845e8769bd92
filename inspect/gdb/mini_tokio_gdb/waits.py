"""The end of a chain of futures: what a task waits for, in words."""

import re

import gdb

from . import clocks, runtimes, rust, tasks
from .values import once

WIDEST_NAME = 40


def describe(value):
    """What this future waits for, if it is one that this file knows; else None."""
    known = describer(value.type)
    try:
        return known and known(value)
    except (gdb.error, RuntimeError) as error:
        return f"{rust.short(value.type.name)} ({error})"


@once
def describer(kind):
    """What describes such a future; None if this file does not know it."""
    return next((known for pattern, known in KNOWN if pattern.match(kind.name)), None)


def sleep(value):
    alarm = value["alarm"]
    if rust.some(alarm["ticket"]) is None:
        return "sleep, not polled yet"
    number = rust.number(alarm["runtime"])
    clock = clocks.reading(number, lambda: timer_of(number))
    return f"sleep, over {clock.until_instant(alarm['deadline'])}"


def timer_of(number):
    for runtime in runtimes.all_runtimes():
        if runtime.id == number:
            return runtime.timer()
    raise RuntimeError("its runtime is gone")


def delay(value):
    return f"delay, over {clocks.Reading(value['timer']).until_instant(value['deadline'])}"


def join(value):
    fat = tasks.fat_of(value["task"])
    task = rust.behind_arc(fat)
    return "join of a task" if task is None else f"join of task {rust.number(task['header']['id'])}"


def readiness(value):
    mask = rust.number(value["mask"])
    return f"socket, to become {ready_words(mask)}"


READY = [(1, "readable"), (2, "writable"), (4, "read closed"), (8, "write closed"), (16, "priority"), (32, "error")]


def ready_words(bits):
    words = [word for bit, word in READY if bits & bit]
    if len(words) > 1:  # each direction carries its closing with it
        words = [word for word in words if not word.endswith("closed")] or words
    return ", ".join(words) or "nothing"


def named(value):
    """An operation under the name of its function, in which the closure stands that tells the name to the program itself."""
    return path_of(re.match(r"mini_tokio::leaf::Named<mini_tokio::(.*?)::\{closure_env#", value.type.name)[1])


def path_of(name):
    """The path of a function, without what has no name and without type parameters."""
    return "::".join(part for part in re.sub(r"<.*?>", "", name).split("::") if "{" not in part)


def by_name(what):
    return lambda value: what


def nothing(value):
    return "nothing: it is pending for ever"


KNOWN = [(re.compile(pattern), describer) for pattern, describer in [
    (r"mini_tokio::time::sleep::Sleep$", sleep),
    (r"mini_tokio::task::join::JoinHandle<", join),
    (r"reactor::wait::Readiness", readiness),
    (r"mini_tokio::sync::notify::(\w+::)*Notified", by_name("Notify::notified")),
    (r"mini_tokio::sync::oneshot::(\w+::)*Receiver<", by_name("oneshot::Receiver")),
    (r"mini_tokio::leaf::Named<", named),
    (r"mini_tokio::task::join_set::", by_name("JoinSet::join_next")),
    (r"core::future::pending::Pending<", nothing),
    (r"core::future::ready::Ready<", by_name("a value that is there")),
    (r"timer::delay::Delay$", delay),
]]


def summary(frame):
    """One line for the list of tasks."""
    if frame.wait:
        return frame.wait
    if frame.status:
        return frame.status
    # A closure that polls has no name but that of the function in which it stands.
    function = re.match(r"core::future::poll_fn::PollFn<(.*?)::\{(async_\w+|closure_env)#\d+\}", frame.type_name)
    if function:
        return path_of(function[1])
    name = rust.short(frame.type_name)
    return name if len(name) <= WIDEST_NAME else re.sub(r"<.*", "<..>", name)
