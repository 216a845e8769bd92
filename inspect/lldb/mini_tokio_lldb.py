"""The commands for programs that run on mini_tokio, in lldb.

`command script import inspect/lldb/mini_tokio_lldb.py`, then `mt`.

They are the commands of inspect/gdb, whose module `gdb` is replaced by one that asks lldb: gdb_by_lldb.py for symbols,
threads and breakpoints, lldb_values.py for types and values. Here is what has to be found out in another way.
"""

import contextlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]

import gdb_by_lldb  # noqa: E402
import lldb_values  # noqa: E402

sys.modules["gdb"] = gdb_by_lldb

from mini_tokio_gdb import futures, rust, waits, workers  # noqa: E402


def pthread_of(thread):
    """What the thread calls itself, on x86-64."""
    return thread.sb.GetFrameAtIndex(0).FindRegister("fs_base").GetValueAsUnsigned()


POLLED = re.compile(r"\(|core::(pin::Pin<|future::)|mini_tokio::macros::join::MaybeDone<")


def owns(pointer):
    """lldb does not tell a `&mut` or a `Box` from a `&`. But only who has a future alone can poll it: so a pointer to
    one, or to a tuple as `join!` and `select!` have it, is taken for one of the first two.
    """
    name = pointer.name.lstrip("&")
    if POLLED.match(name) or futures.COROUTINE.search(name):
        return True
    return any(known.match(name) for known, _ in waits.KNOWN)


def type_of_vtable(_, vtable):
    """The type that a vtable is of, in which stand: drop glue, size, alignment, methods.

    What drops a coroutine has no argument in the debug information, and what needs no dropping has no drop glue. But
    the first method has a receiver; if there is none, what follows the vtable is of another size.
    """
    drop_glue, size, _, method = (rust.word(vtable + i * rust.WORD) for i in range(4))
    known = rust.type_of_drop_glue(drop_glue) or gdb_by_lldb.receiver(gdb_by_lldb.function_at(method))
    return known if known is not None and known.sizeof == size else None


workers.pthread_of = pthread_of
futures.owns = owns
rust.type_of_vtable = type_of_vtable

# lldb looks for what a breakpoint calls in the module that was imported by hand: this one.
on_hit = gdb_by_lldb.on_hit
gdb_by_lldb.Breakpoint.callback = f"{__name__}.on_hit"

# Of which start of the program the functions are that poll.
started = []


def forget_past():
    """Forgets the memory as it was at another stop; and if the program was started anew, its functions."""
    lldb_values.forget_memory()
    process = lldb_values.process()
    start = (process.GetUniqueID(), process.GetProcessID())
    if started != [start]:
        started[:] = [start]
        gdb_by_lldb.polling.clear()


def mt(debugger, text, result, _):
    """Look at runtimes, tasks, workers and drivers of mini_tokio; `mt` alone lists the words."""
    known = gdb_by_lldb.Command.words
    word, _, rest = text.strip().partition(" ")
    if word not in known:
        for command in known.values():
            result.AppendMessage(command.__doc__)
        return
    forget_past()
    try:
        with contextlib.redirect_stdout(Answer(result)):
            known[word].invoke(rest, True)
    except (gdb_by_lldb.GdbError, lldb_values.error) as problem:
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
