"""The words that are typed: `mt` and what follows it."""

import re

import gdb

from . import clocks, drivers, futures, runtimes, rust, stops, table, tasks, values, waits, workers

WIDEST_LOCAL = 100


class Command(gdb.Command):
    """One word after `mt`; its doc string is what `help mt` shows."""

    word = ""

    def __init__(self):
        super().__init__(f"mt {self.word}", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        forget()
        self.run(gdb.string_to_argv(argument))


def forget():
    """What was learned for the command before. Since then the program may have gone on, or been started or compiled anew."""
    values.forget_memory()
    for learned in (clocks.readings, futures.functions, futures.lines, rust.concrete_types, tasks.places):
        learned.clear()


class Prefix(gdb.Command):
    """Look at runtimes, tasks, workers and drivers of mini_tokio."""

    def __init__(self):
        super().__init__("mt", gdb.COMMAND_STATUS, prefix=True)


def id_in(arguments):
    if len(arguments) != 1 or not arguments[0].isdigit():
        raise gdb.GdbError("Which task? Give its id, as `mt tasks` shows it.")
    return int(arguments[0])


class RuntimesCommand(Command):
    """mt runtimes: every runtime of the program."""

    word = "runtimes"

    def run(self, arguments):
        rows = []
        for runtime in runtimes.all_runtimes():
            asleep = len(runtime.sleepers())
            state = "shutting down" if runtime.is_shutting_down() else f"{asleep} asleep"
            rows.append([runtime.id, runtime.name, runtime.flavor, len(runtime.remotes()), state, runtime.alive(),
                         len(runtime.global_queue()), len(drivers.timers_of(runtime)),
                         len(drivers.registrations_of(runtime))])
        table.print_table(["ID", "NAME", "KIND", "WORKERS", "", "TASKS", "GLOBAL", "TIMERS", "SOCKETS"], rows)


def wait_of(task):
    """Where a task waits, and for what, in a few words each."""
    if task.is_running:
        return "", ""
    future = task.future()
    if future is None:
        return "", ""
    frames = futures.chain(future)
    places = [frame.place for _, frame in frames if frame.place]
    ends = [frame for (depth, frame), after in zip(frames, frames[1:] + [(0, None)]) if after[0] <= depth]
    what = "; ".join(dict.fromkeys(waits.summary(frame) for frame in ends))
    return places[0] if places else "", what


class TasksCommand(Command):
    """mt tasks [by state|name|place|wait] [TEXT ..]: the tasks, those whose line holds every TEXT, or how many of each."""

    word = "tasks"
    HEAD = ["ID", "NAME", "STATE", "SPAWNED AT", "WAITS AT", "FOR"]
    KEYS = {"name": 1, "state": 2, "place": 3, "wait": 5}

    def run(self, arguments):
        key = None
        if len(arguments) > 1 and arguments[0] == "by" and arguments[1] in self.KEYS:
            key, arguments = self.KEYS[arguments[1]], arguments[2:]
        for runtime in runtimes.all_runtimes():
            known, unknown = tasks.tasks_of(runtime)
            rows = [[task.id, task.name, task.state, task.place, *wait_of(task)] for task in known]
            rows = [row for row in rows if all(any(text in str(cell) for cell in row) for text in arguments)]
            shown = f", {len(rows)} shown" if len(rows) < len(known) else ""
            print(f"{runtime}: {count(len(known) + unknown, 'task')}{shown}")
            if unknown:
                print(f"  {unknown} of a type without debug information, or that gdb cannot read")
            if key is not None and rows:
                table.print_table(["TASKS", self.HEAD[key]], grouped(rows, key), "  ")
            elif rows:
                table.print_table(self.HEAD, rows, "  ")


def count(number, noun):
    return f"{number} {noun}" + ("" if number == 1 else "s")


def grouped(rows, key):
    """How many rows have each value in column `key`, the most frequent first."""
    counts = {}
    for row in rows:
        counts[row[key]] = counts.get(row[key], 0) + 1
    return [[number, value] for value, number in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))]


class BacktraceCommand(Command):
    """mt bt ID: where a task stands: every async fn with its line and locals, down to what it waits for."""

    word = "bt"

    def run(self, arguments):
        task = tasks.find(runtimes.all_runtimes(), id_in(arguments))
        print(f"{task}: {task.state}, spawned at {task.place}")
        if task.is_running:
            self.running(task)
            return
        future = task.future()
        frames = [] if future is None else futures.chain(future, with_locals=True)
        for number, (depth, frame) in enumerate(frames):
            self.frame(number, depth, frame)

    def frame(self, number, depth, frame):
        indent = "  " * (depth + 1)
        if frame.wait:
            print(f"{indent}#{number} {frame.wait}")
        elif frame.is_coroutine:
            where = f" at {frame.place}" if frame.place else ""
            status = f" ({frame.status})" if frame.status else ""
            print(f"{indent}#{number} {frame.title}{where}{status}")
        elif len(frame.inner) > 1:
            print(f"{indent}#{number} {len(frame.inner)} futures at once")
        else:
            print(f"{indent}#{number} {waits.summary(frame)}")
        for name, value in frame.locals:
            print(f"{indent}     {name} = {show(value)}")

    def running(self, task):
        for worker in workers.workers_of(task.runtime):
            if worker.running == task.id:
                thread = worker.thread()
                print(f"  worker {worker.index} polls it" + (f": `thread {thread.num}`, then `bt`" if thread else ""))


def show(value):
    """A local, on one line. Of what is shared, locked or counted, the type says enough."""
    name = value.type.name
    if re.match(r"(alloc::sync::|alloc::rc::|mini_tokio::|core::future::)", name):
        return rust.short(re.sub(r", alloc::alloc::Global", "", name))
    try:
        text = value.format_string(max_elements=32, max_depth=2)
    except (gdb.error, RuntimeError) as error:
        return f"<{error}>"
    text = re.sub(r"\s+", " ", rust.short(text))
    return text if len(text) <= WIDEST_LOCAL else text[: WIDEST_LOCAL - 3] + "..."


class WorkersCommand(Command):
    """mt workers: what each worker does, its thread, and the ids in its queues, oldest first."""

    word = "workers"

    def run(self, arguments):
        for runtime in runtimes.all_runtimes():
            rows = []
            for worker in workers.workers_of(runtime):
                thread = worker.thread()
                rows.append([worker.index, thread and thread.num, worker.activity, worker.lifo(), ids(worker.local()),
                             worker.deferred()])
            waiting = [tasks.id_of(reference) for reference in runtime.global_queue()]
            print(f"{runtime}: {count(len(rows), 'worker')}, global queue: {ids(waiting) or 'empty'}")
            table.print_table(["WORKER", "THREAD", "DOES", "LIFO", "LOCAL QUEUE", "YIELDED"], rows, "  ")


def ids(numbers):
    """Ids in a row; of a long queue the beginning."""
    shown = " ".join(str(number) for number in numbers[:16])
    return shown + (f" .. {len(numbers)} in all" if len(numbers) > 16 else "")


class QueuesCommand(Command):
    """mt queues: all queues of the runtimes that have a stepper, one line each, for tests."""

    word = "queues"

    def run(self, arguments):
        for runtime in runtimes.all_runtimes():
            lanes = [f"{worker.lifo()} {worker.local()}" for worker in workers.workers_of(runtime)]
            waiting = [tasks.id_of(reference) for reference in runtime.global_queue()]
            print(f"{' | '.join(lanes)} | {waiting} | {runtime.sleepers()}")


class TimersCommand(Command):
    """mt timers: the delays that are armed, the earliest first, and whom they will wake."""

    word = "timers"

    def run(self, arguments):
        for runtime in runtimes.all_runtimes():
            names, armed = drivers.names_by_address(runtime), drivers.timers_of(runtime)
            clock = clocks.Reading(runtime.timer()) if armed else None
            print(f"{runtime}: {count(len(armed), 'timer')}")
            rows = [[clock.until(delay.deadline), drivers.whose(delay.waker, names),
                     f"level {delay.level}, slot {delay.slot}"] for delay in armed]
            if rows:
                table.print_table(["FIRES", "WAKES", "IN THE WHEEL"], rows, "  ")


class IoCommand(Command):
    """mt io: the reactor's registrations: what is known to be ready, and who waits for what."""

    word = "io"

    def run(self, arguments):
        for runtime in runtimes.all_runtimes():
            names, registrations = drivers.names_by_address(runtime), drivers.registrations_of(runtime)
            print(f"{runtime}: {count(len(registrations), 'registration')}")
            rows = []
            for registration in registrations:
                waiting = [f"{drivers.whose(waker, names)} to {kind}" for kind, waker in registration.waiting if waker is not None]
                rows.append([registration.index, registration.generation, waits.ready_words(registration.ready),
                             "; ".join(waiting) or "nobody"])
            if rows:
                table.print_table(["SLOT", "GENERATION", "READY", "WHO WAITS"], rows, "  ")


class BreakCommand(Command):
    """mt break ID: stop when this task is polled next."""

    word = "break"

    def run(self, arguments):
        stops.stop_at_next_poll(id_in(arguments))


class StepCommand(Command):
    """mt step: go on to the next .await of the async fn that is selected, in this task."""

    word = "step"

    def run(self, arguments):
        stops.step(gdb.selected_frame())


class AnchorCommand(Command):
    """mt anchor NAME: a breakpoint at a place of the code to which the book points, as in `mt anchor scheduler-step`."""

    word = "anchor"

    def run(self, arguments):
        if len(arguments) != 1:
            raise gdb.GdbError("Which anchor? Give its name: what stands after `// ANCHOR:` in the sources.")
        file, line = stops.anchor(arguments[0])
        gdb.execute(f"break {file}:{line}")


def register():
    Prefix()
    for command in (RuntimesCommand, TasksCommand, BacktraceCommand, WorkersCommand, QueuesCommand, TimersCommand,
                    IoCommand, BreakCommand, StepCommand, AnchorCommand):
        command()
