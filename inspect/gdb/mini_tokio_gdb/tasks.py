"""A task: what its header says, its state, and its future."""

import gdb

from . import rust
from .values import once

# The bits of the state word: mini_tokio/src/task/state.rs.
SCHEDULED, RUNNING, COMPLETE, CANCELLED = 1, 2, 4, 8

# How many ids a thread takes at once, and the tasks of one block stand in one shard: mini_tokio/src/task/id.rs.
BLOCK = 16


class Task:
    """A task of a runtime's registry."""

    def __init__(self, runtime, value, vtable):
        header = value["header"]
        self.runtime = runtime
        self.vtable = vtable
        self.value = value
        self.address = value.place
        self.id = rust.number(header["id"])
        self.bits = rust.number(header["state"])
        self._header = header
        # gdb looks which variants are live, and fails if one of them is told by 16 bytes, as next to a `TypeId`.
        self.stage, self._content = rust.variant(rust.inside(value["stage"]))

    @property
    def name(self):
        return rust.text(rust.some(self._header["name"]))

    @property
    def place(self):
        return place_of(self._header["spawned_at"])

    @property
    def state(self):
        return state_of(self.bits)

    @property
    def is_running(self):
        return bool(self.bits & RUNNING)

    def future(self):
        """The future; None once it is finished or dropped."""
        content = self._content
        return content[content.type.fields()[0]] if self.stage == "Future" else None

    def future_type(self):
        return self.value.type.template_argument(0)

    def __str__(self):
        return f"task {self.id}" + (f" ({self.name})" if self.name else "")


def state_of(bits):
    if bits & COMPLETE:
        return "complete"
    if bits & RUNNING:
        word = "runs, woken" if bits & SCHEDULED else "runs"
    else:
        word = "queued" if bits & SCHEDULED else "waits"
    return word + (", cancelled" if bits & CANCELLED else "")


places = {}


def place_of(location):
    """A `&'static Location`: file and line. There are few of them, each for many tasks."""
    address = int(location)
    if address not in places:
        target = location.dereference()
        name = rust.text(target[target.type.fields()[0]]).rstrip(chr(0))
        places[address] = f"{name}:{rust.number(target['line'])}"
    return places[address]


def task_of(runtime, fat):
    """The task behind an `Arc<dyn Runnable>` (its fat pointer); None if its type is not known, or gdb cannot read it."""
    value = rust.behind_arc(fat)
    try:
        return None if value is None else Task(runtime, value, int(fat["vtable"]))
    except gdb.error:
        return None


def fat_of(reference):
    """The fat pointer in an `Arc<dyn ..>`, also one that is borrowed."""
    return reference[fat_in(reference.type)]


@once
def fat_in(kind):
    arc = rust.innermost(kind)
    pointer = arc.then(arc.type.named["ptr"])
    return pointer.then(pointer.type.named["pointer"])


def tasks_of(runtime):
    """The tasks in the registry, in the order of their ids; and how many there are whose type is not known."""
    known, unknown = [], 0
    for shard in runtime.shards():
        for _, reference in rust.slab(shard):
            task = task_of(runtime, fat_of(reference))
            if task is None:
                unknown += 1
            else:
                known.append(task)
    return sorted(known, key=lambda task: task.id), unknown


def find(runtimes, id):
    """The task with this id, in the one shard of each registry in which it can be."""
    unknown = 0
    for runtime in runtimes:
        shards = list(runtime.shards())
        for _, reference in rust.slab(shards[(id - 1) // BLOCK % len(shards)]):
            task = task_of(runtime, fat_of(reference))
            if task is None:
                unknown += 1
            elif task.id == id:
                return task
    hidden = " Or its type is one without debug information, or that gdb cannot read." if unknown else ""
    raise gdb.GdbError(f"There is no task {id}: it is finished, or never was.{hidden}")


def id_of(reference):
    """The id of the task behind an `Arc<dyn ..>`."""
    value = rust.behind_arc(fat_of(reference))
    return None if value is None else rust.number(value["header"]["id"])
