"""The commands for programs that run on mini_tokio, in lldb: `command script import inspect/lldb/mini_tokio_lldb.py`, then `mt`.

They are the commands of inspect/gdb, whose module `gdb` is replaced by one that asks lldb: see gdb_by_lldb.py. There are fewer
of them. lldb 19 knows the variants of a Rust enum, but looks for the number that tells them apart at the beginning of the enum,
wherever it is. For most of what the runtime consists of that is right, because a pointer that is never null tells; for async
fns, sockets and timers it is not. So what a task waits for cannot be read.
"""

import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]

import gdb_by_lldb  # noqa: E402

sys.modules["gdb"] = gdb_by_lldb

from mini_tokio_gdb import commands, runtimes, rust, table, tasks, workers  # noqa: E402

WORDS = ("runtimes", "tasks", "workers", "queues", "anchor")


def run_runtimes(_):
    rows = []
    for runtime in runtimes.all_runtimes():
        state = "shutting down" if runtime.is_shutting_down() else f"{len(runtime.sleepers())} asleep"
        rows.append([runtime.id, runtime.name, runtime.flavor, len(runtime.remotes()), state, runtime.alive(),
                     len(runtime.global_queue())])
    table.print_table(["ID", "NAME", "KIND", "WORKERS", "", "TASKS", "GLOBAL"], rows)


def local_of(worker):
    """The ids in a worker's local queue. Which kind of queue it is, the kind of its runtime tells."""
    if worker.core is None:
        return []
    is_ring = worker.runtime.flavor != "CurrentThread"
    union = worker.core["local"].sb.GetChildMemberWithName("$variants$")
    variant = next(variant for variant in union if is_ring == ("Ring" in variant.GetType().GetName().rsplit("::", 1)[-1]))
    queue = gdb_by_lldb.Value(variant.GetChildMemberWithName("value"))["__0"]
    return [tasks.id_of(reference) for reference in (workers.ring(queue) if is_ring else rust.elements(queue))]


def pthread_of(thread):
    """What the thread calls itself, on x86-64."""
    return thread.sb.GetFrameAtIndex(0).FindRegister("fs_base").GetValueAsUnsigned()


workers.Worker.local = local_of
workers.pthread_of = pthread_of
known = gdb_by_lldb.Command.words
known["runtimes"].run = run_runtimes
commands.TasksCommand.HEAD = commands.TasksCommand.HEAD[:4]
commands.wait_of = lambda task: ("", "")


def mt(debugger, text, result, _):
    """Look at runtimes, tasks, workers and drivers of mini_tokio; `mt` alone lists the words."""
    word, _, rest = text.strip().partition(" ")
    if word not in WORDS:
        for word in WORDS:
            result.AppendMessage(known[word].__doc__)
        return
    try:
        with contextlib.redirect_stdout(Answer(result)):
            known[word].invoke(rest, True)
    except gdb_by_lldb.GdbError as problem:
        result.SetError(str(problem))


class Answer:
    """What the commands print."""

    def __init__(self, result):
        self.result = result

    def write(self, text):
        self.result.Print(text)

    def flush(self):
        pass


def __lldb_init_module(debugger, _):
    debugger.HandleCommand(f"command script add -o -f {__name__}.mt mt")
