"""The drivers: what waits in the timer's wheel, and in the reactor's table of registrations."""

from . import clocks, rust, tasks, waits

# Slots in a level, and records in a block of the table: timer/src/level.rs, entry.rs.
SLOTS, BLOCK = 64, 64


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
    for _, block in rust.slab(wheel_of(timer)["table"]["blocks"]):
        block = rust.pointer(block).dereference()
        for place in range(BLOCK):
            entry = rust.some(block["entries"][place]) if rust.number(block["used"]) >> place & 1 else None
            waker = rust.some(entry["waker"]) if entry is not None else None
            if waker is not None:  # armed: one that is over has none
                level, slot = divmod(rust.number(entry["links"]["slot"]), SLOTS)
                found.append(Timer(level, slot, rust.number(entry["deadline"]), waker))
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
