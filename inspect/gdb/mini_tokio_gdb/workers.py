"""A worker: its thread, what it runs, what waits in its queues."""

import gdb

from . import rust, tasks

# A state of a parker: mini_tokio/src/scheduler/park/state.rs.
PARKED_IN_DRIVER = 2


class Worker:
    def __init__(self, runtime, index, remote, sleepers):
        self.runtime = runtime
        self.index = index
        self.remote = remote
        core = rust.pointer(remote["core"])
        self.core = None if int(core) == 0 else core.dereference()
        self.sleeps = index in sleepers
        self.parker = rust.number(remote["parker"]["state"])

    @property
    def running(self):
        """The id of the task that is being polled."""
        id = None if self.core is None else rust.some(self.core["running"])
        return None if id is None else rust.number(id)

    @property
    def activity(self):
        if self.core is None:
            return "retired"
        if self.running is not None:
            return f"runs task {self.running}"
        if self.parker == PARKED_IN_DRIVER:
            return "asleep, waits for sockets"
        if self.sleeps:
            return "asleep"
        return "searches" if rust.number(self.core["searching"]) else "between two tasks"

    def lifo(self):
        """The id of the task in the LIFO slot."""
        reference = None if self.core is None else rust.some(self.core["lifo"])
        return None if reference is None else tasks.id_of(reference)

    def local(self):
        """The ids of the tasks in the local queue, oldest first."""
        if self.core is None:
            return []
        kind, content = rust.variant(self.core["local"])
        queue = content[content.type.fields()[0]]
        references = rust.elements(queue) if kind == "Private" else ring(queue)
        return [tasks.id_of(reference) for reference in references]

    def deferred(self):
        """How many tasks that yielded it keeps."""
        return 0 if self.core is None else rust.number(self.core["deferred"]["len"])

    @property
    def pthread(self):
        """What the thread that drives the worker calls itself."""
        return rust.number(rust.inside(rust.arc(self.remote["stats"])["presence"])["pthread"])

    def thread(self):
        """The thread that drives the worker, as gdb knows it; None if it is not known or gone."""
        if self.core is None or self.runtime.flavor == "Stepper":
            return None
        return next((thread for thread in gdb.selected_inferior().threads() if pthread_of(thread) == self.pthread), None)


def ring(owner):
    """The references in a local queue's ring, from `head` to `tail`."""
    shared = rust.arc(owner["shared"])
    slots = shared["ring"]
    slots = slots[slots.type.fields()[0]]
    # Two 32-bit indices in one word, `freed` and `head`: mini_tokio/src/scheduler/local_queue/words.rs.
    head, tail = rust.number(shared["front"]) & 0xFFFF_FFFF, rust.number(shared["tail"])
    capacity = slots.type.range()[1] + 1
    element = owner.type.template_argument(0)
    length = (tail - head) & 0xFFFF_FFFF
    return [slots[(head + i) % capacity].address.cast(element.pointer()).dereference() for i in range(length)]


def pthread_of(thread):
    """What the thread calls itself: `pthread_self`."""
    try:
        return int.from_bytes(thread.handle(), "little")
    except (gdb.error, RuntimeError):
        pass
    # A core file has no handles. On x86-64 and aarch64 the thread's register says it, or nearly.
    selected = gdb.selected_thread()
    try:
        thread.switch()
        return int(gdb.parse_and_eval("$fs_base"))
    except (gdb.error, ValueError):
        return None
    finally:
        selected.switch()


def workers_of(runtime):
    sleepers = runtime.sleepers()
    return [Worker(runtime, index, remote, sleepers) for index, remote in enumerate(runtime.remotes())]
