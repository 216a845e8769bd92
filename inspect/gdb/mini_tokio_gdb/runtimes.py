"""A runtime and its parts, from the static RUNTIMES on."""

import gdb

from . import rust, values

ROOT = "mini_tokio::insight::runtimes::RUNTIMES"


class Runtime:
    def __init__(self, shared):
        self.shared = shared
        self.id = rust.number(shared["id"])
        self.name = rust.text(rust.some(shared["config"]["name"]))
        self.flavor = str(shared["config"]["flavor"]).rsplit("::", 1)[-1]

    def __str__(self):
        return f"runtime {self.id}" + (f" ({self.name})" if self.name else "")

    def shards(self):
        for shard in rust.elements(self.shared["registry"]["shards"]):
            yield rust.inside(shard)["tasks"]

    def alive(self):
        """How many tasks are in the registry."""
        return sum(rust.number(shard["len"]) for shard in self.shards())

    def global_queue(self):
        """The `Arc<dyn Runnable>`s of the global queue, oldest first."""
        return rust.elements(rust.inside(self.shared["global"]["inner"])["tasks"])

    def sleepers(self):
        """The indices of the workers that sleep and were not called."""
        return sorted(rust.number(worker) for worker in rust.elements(rust.inside(self.shared["idle"]["sleepers"])))

    def remotes(self):
        return rust.elements(self.shared["remotes"])

    def timer(self):
        return rust.some(self.shared["driver"]["timer"])

    def reactor(self):
        poller = rust.some(self.shared["driver"]["reactor"])
        return None if poller is None else rust.arc(poller["handle"]["shared"])

    def is_shutting_down(self):
        return rust.number(self.shared["shutdown"]) != 0


def all_runtimes():
    """Every runtime of the program, in the order in which they were built."""
    symbols = gdb.lookup_static_symbols(ROOT)
    if not symbols:
        raise gdb.GdbError("This program has no mini_tokio in it, or no debug information (debug = 2).")
    found = []
    for symbol in symbols:
        for weak in rust.elements(rust.inside(values.of(symbol))):
            shared = rust.arc(weak)
            if shared is not None:
                found.append(Runtime(shared))
    return found
