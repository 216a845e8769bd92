"""A future: what it awaits, at which line, with which locals.

An async fn is compiled to a state machine, `path::f::{async_fn_env#0}`: an enum whose variants are Unresumed, Returned,
Panicked, and one Suspend for each `.await`. A Suspend holds the locals that live across that `.await`, and `__awaitee`, the
future that is awaited there. Following `__awaitee` from the task's future on gives the async backtrace.

Between two async fns there may be anything: a Box, a Pin, a combinator. `inner_futures` looks through these: it searches a
value for futures, and goes through what a future owns or borrows for itself, never through a shared reference count.
"""

import re

import gdb

from . import rust, waits
from .values import POINTERS, STRUCT, UNION, once

COROUTINE = re.compile(r"\{async_(fn|block|closure)_env#\d+\}(<.*>)?$|\{async_(fn|block|closure)_env#\d+\}<")
DEEPEST_SEARCH = 20
MOST_ELEMENTS = 64
DARK = "a future whose type is not known, or that gdb cannot read"

# What a future lies in, and what none is looked for in.
WRAPPERS = re.compile(r"core::pin::Pin<|core::mem::|mini_tokio::leaf::(All)?At<")
OPAQUE = re.compile(r"alloc::sync::|alloc::rc::|alloc::string::|core::task::|std::|core::cell::|parking_lot")


@once
def is_coroutine(kind):
    return kind.code == STRUCT and bool(kind.fields()) and kind.fields()[0].name == "__state"


@once
def is_wrapper(kind):
    return WRAPPERS.match(kind.name) is not None and bool(rust.fields_of(kind))


class Frame:
    """One level of an async backtrace. Without a value: the level at which it ends in the dark."""

    def __init__(self, value):
        self.value = value
        self.type_name = value.type.name if value is not None else ""
        self.is_coroutine = value is not None and is_coroutine(value.type)
        self.locals = []
        self.inner = []
        self.place = None
        self.status = None
        self.wait = None
        self.suspended_at = None
        try:
            self._read()
        except gdb.error:
            self.is_coroutine, self.inner, self.wait = False, [], DARK

    def _read(self):
        if self.is_coroutine:
            self._read_coroutine()
        elif self.value is None:
            self.wait = DARK
        else:
            self.wait = waits.describe(self.value)
            self.inner = [] if self.wait else inner_futures(self.value)

    def _read_coroutine(self):
        self.content = content = self.value[rust.active(self.value.type)]
        self.status, self.suspended_at, self.place = standing(self.value.type)
        if "__awaitee" in content.type.named:
            self.inner = [seen(content["__awaitee"])]

    def choose_locals(self, shown):
        """Leaves one local of each name: an argument is there twice, as it was given and as it was moved to its place, and the
        second is the live one. A local of nothing but futures of types that are `shown` below is what those were moved out of,
        or their place.
        """
        def is_shown(value):
            inner = {future.type.name for future in inner_futures(value) + ([value] if is_future(value.type) else [])}
            return bool(inner) and inner <= shown

        if self.is_coroutine:
            fields = [field for field in self.content.type.fields() if not field.name.startswith("__")]
            live = {field.name: self.content[field] for field in fields if not is_shown(self.content[field])}
            self.locals = sorted(live.items())

    @property
    def function_name(self):
        function = function_of(self.type_name)
        return function and function.name

    @property
    def title(self):
        """The function's path, without its type parameters."""
        name = re.sub(r"<.*", "", self.type_name)
        name = re.sub(r"\{async_(fn|block|closure)_env#(\d+)\}", r"{async \1 \2}", name)
        return re.sub(r"::\{async fn \d+\}", "", name)


@once
def standing(kind):
    """Where an async fn in this state stands: a word for that or the number of an `.await`, the other being None; the line."""
    state = rust.active(kind).type.name.rsplit("::", 1)[-1]
    if state.startswith("Suspend"):
        number = int(state[len("Suspend"):])
        return None, number, await_line(kind.name, number)
    function = function_of(kind.name)
    place = function and f"{shorten(function.symtab.filename)}:{function.line}"
    return {"Unresumed": "not polled yet", "Returned": "finished", "Panicked": "panicked"}.get(state, state), None, place


def shorten(path):
    """A path without the directories of the build, where it lies below one of the project."""
    return re.sub(r"^.*?/(?=(src|examples|tests|mini_tokio|library)/)", "", path) if path.startswith("/") else path


def seen(value):
    """The same as `look_through`; None also where gdb cannot read it."""
    try:
        return look_through(value)
    except gdb.error:
        return None


def look_through(value, depth=0):
    """The value behind boxes, pins and references; None where its type is not known."""
    while depth < DEEPEST_SEARCH:
        depth += 1
        kind = value.type
        if kind.code in POINTERS:
            if int(value) == 0:
                return None
            value = value.dereference()
        elif rust.is_trait_object(kind):
            value = rust.behind(value)
            if value is None:
                return None
        elif is_wrapper(kind):
            value = value[rust.fields_of(kind)[0]]
        else:
            return value
    return value


@once
def is_future(kind):
    return is_coroutine(kind) or waits.describer(kind) is not None or kind.name.startswith("core::future::poll_fn::")


def inner_futures(value, depth=0):
    """The futures inside a future that is no async fn: the branches of a join!, the future under a timeout."""
    if value is None or depth > DEEPEST_SEARCH or value.type.code not in (STRUCT, UNION):
        return []
    kind = value.type
    if depth > 0 and is_future(kind):
        return [value]
    if kind.name.startswith("alloc::vec::Vec<") or "data_ptr" in kind.named:
        few = rust.elements(value)[:MOST_ELEMENTS]
        return [inner for element in few for inner in inner_futures(owned(element), depth + 1)]
    if OPAQUE.match(kind.name):
        return []
    if kind.is_enum:  # Option, MaybeDone
        _, content = rust.variant(value)
        return [] if content is None else inner_futures(content, depth + 1)
    found = []
    for field in rust.fields(value):
        found += inner_futures(owned(value[field]), depth + 1)
    return found


def owned(value):
    """What a field owns, or borrows for itself: `&mut` and Box, but not `&`, which may lead anywhere."""
    kind = value.type
    if kind.name.startswith(("&str", "&[")):
        return None
    while kind.code in POINTERS:
        if not owns(kind) or int(value) == 0:
            return None
        value = value.dereference()
        kind = value.type
    if rust.is_trait_object(kind) or kind.name.startswith("core::pin::Pin<"):
        return look_through(value)
    return value


def owns(pointer):
    """Whether a pointer of this type is the only one to what is behind it."""
    return pointer.name.startswith(("&mut ", "*mut ", "alloc::boxed::Box<"))


# Where the `.await`s of a function are. gdb's Python shows no line for a variant. But each `__awaitee` is a variable in a
# block of the function, and the order of these blocks is the order of the variants.

lines = {}
functions = {}


def function_of(type_name):
    """The symbol of the function that polls this state machine."""
    if type_name not in functions:
        functions[type_name] = find_function(type_name)
    return functions[type_name]


def find_function(type_name):
    full = re.sub(r"\{async_(fn|block|closure)_env#(\d+)\}(?=(<.*>)?$)", r"{async_\1#\2}", type_name)
    for name in (full, re.sub(r"<.*>$", "", full)):
        for symbol in gdb.lookup_static_symbols(name) + [gdb.lookup_global_symbol(name)]:
            if symbol is not None and symbol.is_function:
                return symbol
    return None


def await_line(type_name, number):
    if type_name not in lines:
        function = function_of(type_name)
        lines[type_name] = [] if function is None else [symbol for _, symbol in await_blocks(function)]
    found = lines[type_name]
    if number >= len(found):
        return None
    return f"{shorten(found[number].symtab.filename)}:{found[number].line}"


def await_blocks(function):
    """The blocks of a function that hold an `__awaitee`, as (address, symbol), in the order of the source."""
    start = int(function.value().address)
    outermost = gdb.block_for_pc(start)
    while outermost is not None and outermost.function is None:
        outermost = outermost.superblock
    blocks = {}
    for entry in function.symtab.linetable():
        if not outermost.start <= entry.pc < outermost.end:
            continue
        block = gdb.block_for_pc(entry.pc)
        while block is not None and block.start not in blocks and block.function is None:
            for symbol in block:
                if symbol.name == "__awaitee":
                    blocks[block.start] = symbol
            block = block.superblock
    return sorted(blocks.items())


def chain(value, with_locals=False):
    """The async backtrace as (depth, frame), outermost first. A join! or select! branches."""
    found = []

    def visit(value, depth):
        """Returns the types of the futures that are shown from here on, up to the next async fn."""
        frame = Frame(value)
        found.append((depth, frame))
        shown = {name for inner in frame.inner for name in visit(inner, depth + 1)}
        if with_locals:
            frame.choose_locals(shown)
        return {frame.type_name} | (set() if frame.is_coroutine else shown)

    visit(seen(value), 0)
    return found
