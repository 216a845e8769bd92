"""Breakpoints: at the next poll of a task, at its next `.await`, at an anchor of the book."""

import os
import re

import gdb

from . import futures, rust, runtimes, tasks, values, workers

# Where the first arguments of a function are. (A large return value takes the first place for itself, on x86-64.)
ARGUMENTS = {"i386:x86-64": ("$rdi", "$rsi"), "aarch64": ("$x0",)}


def arguments():
    architecture = gdb.selected_frame().architecture().name()
    return [int(gdb.parse_and_eval(register)) & (1 << 64) - 1 for register in ARGUMENTS.get(architecture, ())]


def task_of_thread():
    """The id of the task that the stopped thread polls; None if it polls none."""
    values.forget_memory()
    pthread = workers.pthread_of(gdb.selected_thread())
    for runtime in runtimes.all_runtimes():
        for worker in workers.workers_of(runtime):
            if worker.running is not None and (runtime.flavor == "Stepper" or worker.pthread == pthread):
                return worker.running
    return None


class NextPoll(gdb.Breakpoint):
    """Stops once, where the task's future is polled next."""

    def __init__(self, task):
        future = futures.look_through(task.future())
        function = futures.function_of(future.type.name) if futures.is_coroutine(future.type) else None
        if function is not None:
            place, expected = int(function.value().address), int(future.address)
        else:
            # No async fn: stop where the runtime is about to call its `poll`.
            place, expected = run_of(task), None
        super().__init__(f"*{place:#x}", type=gdb.BP_BREAKPOINT, internal=True)
        standing.append(self)
        self.silent, self.task_id, self.expected = True, task.id, expected

    def stop(self):
        if self.expected is not None:
            hit = self.expected in arguments() if arguments() else task_of_thread() == self.task_id
        else:
            hit = task_of_thread() == self.task_id
        if hit:
            print(f"Task {self.task_id} is about to be polled.")
            forget_later(self)
        return hit


def run_of(task):
    """The address of `Runnable::run` for this type of task, from its vtable: drop glue, size, alignment, `header`, `run`."""
    return rust.word(task.vtable + 4 * rust.WORD)


class NextAwait(gdb.Breakpoint):
    """One `.await` of an async fn; stops when the task comes there. Where the task stands already, it passes once more when
    it is resumed: `passes` says so.
    """

    def __init__(self, task, address, place, passes, group):
        super().__init__(f"*{address:#x}", type=gdb.BP_BREAKPOINT, internal=True)
        standing.append(self)
        self.silent, self.task_id, self.place, self.passes, self.group = True, task, place, passes, group
        group.append(self)

    def stop(self):
        if task_of_thread() != self.task_id:
            return False
        if self.passes:
            self.passes = False
            return False
        print(f"Task {self.task_id} awaits at {self.place}.")
        for breakpoint in self.group:
            forget_later(breakpoint)
        return True


class Completion(gdb.Breakpoint):
    """Stops when the task is complete: there is no further `.await`."""

    def __init__(self, task, group):
        super().__init__("mini_tokio::task::state::State::complete", internal=True)
        standing.append(self)
        self.silent, self.task_id, self.group = True, task, group
        group.append(self)

    def stop(self):
        if task_of_thread() != self.task_id:
            return False
        print(f"Task {self.task_id} is complete.")
        for breakpoint in self.group:
            forget_later(breakpoint)
        return True


# Breakpoints that have not been deleted. One may not be deleted while gdb asks it whether to stop, and gdb 13 dies at its end
# of one that was deleted in an event after that, and of one that is left. So what is done is disabled, and deleted when the
# next command comes, or gdb exits.
standing = []


def forget_later(breakpoint):
    breakpoint.enabled = False


def forget(unwanted):
    for breakpoint in [breakpoint for breakpoint in standing if unwanted(breakpoint)]:
        standing.remove(breakpoint)
        breakpoint.delete()


def forget_done():
    standing[:] = [breakpoint for breakpoint in standing if breakpoint.is_valid()]
    forget(lambda breakpoint: not breakpoint.enabled)


gdb.events.gdb_exiting.connect(lambda event: forget(lambda breakpoint: breakpoint.is_valid()))


def step(frame):
    """Goes on until the task that this thread polls comes to an `.await` of the async fn that is selected."""
    forget_done()
    task = task_of_thread()
    if task is None:
        raise gdb.GdbError("This thread polls no task.")
    while frame is not None and not (frame.function() and "{async_" in frame.function().name):
        frame = frame.older()
    if frame is None:
        raise gdb.GdbError("No async fn is on the stack of this thread.")
    group = []
    at_entry = frame.pc() == int(frame.function().value().address)
    present = awaits_of(task, frame.function()) if at_entry else None
    for number, (address, symbol) in enumerate(futures.await_blocks(frame.function())):
        place = f"{futures.shorten(symbol.symtab.filename)}:{symbol.line}"
        NextAwait(task, address, place, number == present, group)
    Completion(task, group)
    gdb.execute("continue")


def awaits_of(id, function):
    """The number of the `.await` at which the task stood in this async fn."""
    future = tasks.find(runtimes.all_runtimes(), id).future()
    for _, frame in futures.chain(future):
        if frame.is_coroutine and frame.function_name == function.name:
            return frame.suspended_at
    return None


def stop_at_next_poll(id):
    forget_done()
    task = tasks.find(runtimes.all_runtimes(), id)
    if task.stage != "Future":
        raise gdb.GdbError(f"{task} is finished.")
    NextPoll(task)
    print(f"Will stop when {task} is polled next.")


def source_root():
    """The directory of the project's sources, as the debug information has it."""
    symbol = gdb.lookup_static_symbols(runtimes.ROOT)[0]
    path = os.path.abspath(symbol.symtab.fullname())
    return path[: path.index(os.path.join("mini_tokio", "src"))]


def anchor(name):
    """Where `// ANCHOR: name` stands in the sources: the file, and the line of the code that follows."""
    root = source_root()
    for room in ("mini_tokio/src", "timer/src", "reactor/src", "examples"):
        for directory, _, files in os.walk(os.path.join(root, room)):
            for file in sorted(file for file in files if file.endswith(".rs")):
                path = os.path.join(directory, file)
                with open(path, encoding="utf-8") as source:
                    lines = source.read().split("\n")
                for number, line in enumerate(lines, 1):
                    if line.strip() == f"// ANCHOR: {name}":
                        return os.path.relpath(path, root), code_after(lines, number)
    raise gdb.GdbError(f"No source has the anchor {name}.")


def code_after(lines, number):
    """The number of the first line after line `number` that is neither comment nor attribute."""
    while re.match(r"\s*(//|#\[|$)", lines[number]):
        number += 1
    return number + 1
