"""The drivers: what waits in the timer's wheel, and in the reactor's table of registrations."""

from . import clocks, rust, tasks, waits

# The states of an entry, in the low bits of its word: timer/src/entry.rs.
STATE_BITS, ARMED, BUSY = 3, 1, 2


class Timer:
    """A delay that is armed."""

    def __init__(self, level, slot, deadline, waker):
        self.level, self.slot, self.deadline, self.waker = level, slot, deadline, waker


def timers_of(runtime):
    """The delays in the wheel, the earliest first."""
    timer = runtime.timer()
    if timer is None:
        return []
    found = []
    for level_number, level in enumerate(rust.elements(wheel_of(timer)["levels"])):
        if rust.number(level["occupied"]) == 0:
            continue
        for slot_number, slot in enumerate(rust.elements(level["slots"])):
            for reference in rust.elements(slot):
                entry = rust.arc(reference)
                word = rust.number(entry["word"])
                if word & (1 << STATE_BITS) - 1 in (ARMED, BUSY):
                    waker = rust.some(rust.inside(entry["waker"]))
                    found.append(Timer(level_number, slot_number, word >> STATE_BITS, waker))
    return sorted(found, key=lambda timer: timer.deadline)


def wheel_of(timer):
    return rust.inside(clocks.shared_of(timer)["bell"]["room"])["state"]["wheel"]


def whose(waker, by_address):
    """Who is woken: a task of the runtime, if the waker is one of its tasks."""
    if waker is None:
        return "nobody"
    data = int(rust.pointer(waker["waker"]["data"]))
    return by_address.get(data, "a waker that is no task")


def names_by_address(runtime):
    """What the data pointer of a task's waker points to, and the task's name."""
    return {task.address: str(task) for task in tasks.tasks_of(runtime)[0]}


class Registration:
    """A socket, or another source of readiness."""

    def __init__(self, index, generation, slot):
        self.index, self.generation = index, generation
        self.ready = rust.number(slot["word"]) & 0x3F
        waiters = rust.inside(slot["waiters"])
        self.waiting = [("read", rust.some(waiters["reader"])), ("write", rust.some(waiters["writer"]))]
        for _, listed in rust.slab(waiters["listed"]):
            self.waiting.append((waits.ready_words(rust.number(listed["mask"])), rust.some(listed["waker"])))


def registrations_of(runtime):
    reactor = runtime.reactor()
    if reactor is None:
        return []
    tenants = rust.inside(reactor["slots"]["table"])["tenants"]
    found = []
    for index, tenant in rust.slab(tenants):
        generation, slot = (tenant[field] for field in sorted(tenant.type.fields(), key=lambda field: field.name))
        found.append(Registration(index, rust.number(generation), rust.arc(slot)))
    return found
