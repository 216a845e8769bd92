"""The part of gdb's Python module that the commands in inspect/gdb read programs with, on lldb's.

So the commands are written once. This file has symbols, blocks, threads and breakpoints; types and values are those of
lldb_values.py, and belong to this module too.
"""

import re
import shlex

import lldb

from lldb_values import (  # noqa: F401, some are for who takes this module for gdb's
    COROUTINE, TYPE_CODE_BOOL, TYPE_CODE_CHAR, TYPE_CODE_ENUM, TYPE_CODE_INT, TYPE_CODE_PTR, TYPE_CODE_REF,
    TYPE_CODE_STRUCT, TYPE_CODE_UNION, Field, Type, Value, at, error, forget_memory, process, read, target,
)

COMMAND_STATUS = BP_BREAKPOINT = 0


class GdbError(Exception):
    """A message for who typed a command."""


class Place:
    """A file, as gdb's symbol tables are."""

    def __init__(self, file, pcs=()):
        self.filename, self.pcs = file.fullpath or "", pcs

    def fullname(self):
        return self.filename

    def linetable(self):
        return self.pcs


class Pc:
    def __init__(self, pc):
        self.pc = pc


class Variable:
    """A variable: of the program, or of a block of a function."""

    is_function = False

    def __init__(self, value):
        self.sb, self.name = value, value.GetName()
        declaration = value.GetDeclaration()
        self.symtab, self.line = Place(declaration.GetFileSpec()), declaration.GetLine()

    def value(self):
        return at(self.sb.GetLoadAddress(), Type(self.sb.GetType()))


class FunctionType:
    def __init__(self, type):
        arguments = type.GetFunctionArgumentTypes()
        self.arguments = [arguments.GetTypeAtIndex(i) for i in range(arguments.GetSize())]

    def fields(self):
        return [Field("argument", Type(argument)) for argument in self.arguments]


class Function:
    is_function = True

    def __init__(self, function, name):
        self.sb, self.name = function, name
        start = function.GetStartAddress()
        self.start = start.GetLoadAddress(target())
        line = start.GetLineEntry()
        self.line = line.GetLine()
        self.symtab = Place(line.GetFileSpec(), [Pc(pc) for pc in starts(function.GetBlock())])
        self.type = FunctionType(function.GetType())

    def value(self):
        return at(self.start, Type(target().GetBasicType(lldb.eBasicTypeUnsignedChar)))


def starts(block):
    """The first addresses of the blocks in a block, its own and all deeper ones."""
    if block.GetNumRanges():
        yield block.GetRangeStartAddress(0).GetLoadAddress(target())
    child = block.GetFirstChild()
    while child.IsValid():
        yield from starts(child)
        child = child.GetSibling()


class Block:
    def __init__(self, block, function):
        self.sb, self._function = block, function
        self.start = block.GetRangeStartAddress(0).GetLoadAddress(target())
        self.end = block.GetRangeEndAddress(0).GetLoadAddress(target())

    @property
    def superblock(self):
        parent = self.sb.GetParent()
        return Block(parent, self._function) if parent.IsValid() else None

    @property
    def function(self):
        if self.sb.IsInlined():
            return self.sb.GetInlinedName()
        return None if self.sb.GetParent().IsValid() else Function(self._function, self._function.GetName())

    def __iter__(self):
        return (Variable(variable) for variable in self.sb.GetVariables(target(), True, True, False))


def block_for_pc(pc):
    address = target().ResolveLoadAddress(pc)
    block = address.GetBlock()
    return Block(block, address.GetFunction()) if block.IsValid() else None


def function_at(pc):
    return target().ResolveLoadAddress(pc).GetFunction()


def lookup_static_symbols(name):
    if "{async_" in name:
        return functions(name)
    return [Variable(found) for found in target().FindGlobalVariables(name, 16)]


# By the last part of their names, and then by the whole, the functions that poll coroutines.
polling = {}


def functions(name):
    """The function of this name that polls a coroutine, as a list. lldb finds functions by the last part of a name."""
    last = re.search(r"\{async_\w+#\d+\}(<.*>)?$", name)[0]
    if last not in polling:
        found = [context.GetFunction() for context in target().FindFunctions(last, lldb.eFunctionNameTypeBase)]
        polling[last] = {polled_by(function): function for function in found}
    return [Function(polling[last][name], name)] if name in polling[last] else []


def polled_by(function):
    """The name of a function that polls a coroutine; None of another one. (lldb says only what the linker calls it.)"""
    coroutine = receiver(function)
    if coroutine is None or not COROUTINE.search(coroutine.name):
        return None
    return re.sub(r"_env(#\d+\}(<.*>)?)$", r"\1", coroutine.name)


def receiver(function):
    """The type on which a method is called: its first argument is a `&T` or a `Pin<&mut T>`. None if it is neither."""
    arguments = function.GetType().GetFunctionArgumentTypes()
    first = Type(arguments.GetTypeAtIndex(0)) if arguments.GetSize() else None
    if first is not None and first.name.startswith("core::pin::Pin<"):
        first = first.fields()[0].type
    return first.target() if first is not None and first.code == TYPE_CODE_PTR else None


def lookup_global_symbol(_name):
    return None


def parse_and_eval(expression):
    if expression.startswith("$"):
        register = selected_thread().sb.GetFrameAtIndex(0).FindRegister(expression[1:])
        if register.IsValid():
            return Value(register.GetValueAsUnsigned())
    raise error(expression)


class Connection:
    def __init__(self, type):
        self.type = type


class Thread:
    def __init__(self, thread):
        self.sb, self.num = thread, thread.GetIndexID()

    def handle(self):
        raise error("lldb has no handles of threads")

    def switch(self):
        process().SetSelectedThread(self.sb)


class Inferior:
    @property
    def pid(self):
        return process().GetProcessID() if process().IsValid() else 0

    @property
    def connection(self):
        return Connection("native" if process().GetPluginName() == "gdb-remote" else "core")

    def read_memory(self, address, length):
        return read(address, length)

    def threads(self):
        return [Thread(thread) for thread in process()]


class Architecture:
    def name(self):
        machine = target().GetTriple().split("-")[0]
        return {"x86_64": "i386:x86-64"}.get(machine, machine)


class Frame:
    def __init__(self, frame):
        self.sb = frame

    def architecture(self):
        return Architecture()

    def pc(self):
        return self.sb.GetPC()

    def older(self):
        parent = self.sb.GetParentFrame()
        return Frame(parent) if parent.IsValid() else None

    def function(self):
        function = self.sb.GetFunction()
        return Function(function, polled_by(function) or function.GetName()) if function.IsValid() else None


# While a breakpoint asks whether to stop: the thread that came there. lldb selects it later.
asking = []


def selected_inferior():
    return Inferior()


def selected_thread():
    return Thread(asking[-1] if asking else process().GetSelectedThread())


def selected_frame():
    thread = selected_thread().sb
    return Frame(thread.GetFrameAtIndex(0) if asking else thread.GetSelectedFrame())


def execute(command):
    """`continue` or `break FILE:LINE`, which is all that the commands ask for here."""
    if command == "continue":
        lldb.debugger.HandleCommand("process continue")
        return
    file, line = command.split()[1].rsplit(":", 1)
    breakpoint = target().BreakpointCreateByLocation(file, int(line))
    print(f"Breakpoint {breakpoint.GetID()} at {file}, line {line}.")


def string_to_argv(text):
    return shlex.split(text)


class Command:
    """A command adds itself to the words of `mt`."""

    words = {}

    def __init__(self, name, *_, prefix=False):
        if not prefix:
            self.words[name.split()[1]] = self


class Breakpoint:
    """A breakpoint that asks itself, in `stop`, whether to stop."""

    known = {}
    callback = None  # under which name lldb finds `on_hit`

    def __init__(self, place, **_):
        if place.startswith("*"):
            self.sb = target().BreakpointCreateByAddress(int(place[1:], 16))
        else:
            self.sb = target().BreakpointCreateByName(place)
        self.sb.SetScriptCallbackFunction(self.callback)
        self.known[self.sb.GetID()] = self

    @property
    def enabled(self):
        return self.sb.IsEnabled()

    @enabled.setter
    def enabled(self, enabled):
        self.sb.SetEnabled(enabled)

    def is_valid(self):
        return self.sb.IsValid()

    def delete(self):
        del self.known[self.sb.GetID()]
        target().BreakpointDelete(self.sb.GetID())


def on_hit(frame, location, _):
    """What lldb asks when a thread comes to a breakpoint: whether to stop."""
    forget_memory()
    asking.append(frame.GetThread())
    try:
        return Breakpoint.known[location.GetBreakpoint().GetID()].stop()
    finally:
        asking.pop()


class Events:
    """gdb tells when it exits; there is nothing to put in order here."""

    def connect(self, _handler):
        pass

    gdb_exiting = property(lambda self: self)


events = Events()
