"""The part of gdb's Python module that the commands in inspect/gdb read programs with, on lldb's.

So the commands are written once. What gdb has and this has not: breakpoints (`mt break`, `mt step`). What lldb does not tell:
whether a plain pointer is a `Box`, a `&mut` or a `&`; it is taken for the last, so that nothing is followed which belongs to
somebody else.

Since version 17 lldb shows a Rust enum as a union `$variants$` of structs, each with its `$discr$` and its `value`; older ones
show nothing of it, and this does not work with them. lldb 19 reads every `$discr$` at the beginning of the enum, so `is_live` is
wrong of an enum that has it elsewhere; who uses this must know which those are.
"""

import re
import shlex

import lldb

TYPE_CODE_STRUCT, TYPE_CODE_UNION, TYPE_CODE_PTR, TYPE_CODE_REF, TYPE_CODE_INT, TYPE_CODE_BOOL = range(6)
TYPE_CODE_CHAR, TYPE_CODE_ENUM, TYPE_CODE_ARRAY, TYPE_CODE_OTHER = range(6, 10)
COMMAND_STATUS = BP_BREAKPOINT = 0

CODES = {
    lldb.eTypeClassStruct: TYPE_CODE_STRUCT, lldb.eTypeClassClass: TYPE_CODE_STRUCT, lldb.eTypeClassUnion: TYPE_CODE_UNION,
    lldb.eTypeClassPointer: TYPE_CODE_PTR, lldb.eTypeClassReference: TYPE_CODE_REF, lldb.eTypeClassBuiltin: TYPE_CODE_INT,
    lldb.eTypeClassEnumeration: TYPE_CODE_ENUM, lldb.eTypeClassArray: TYPE_CODE_ARRAY,
}
COROUTINE = re.compile(r"\{async_\w+_env#\d+\}(<.*>)?$")


class error(RuntimeError):
    """A value that cannot be read."""


class GdbError(Exception):
    """A message for who typed a command."""


def target():
    return lldb.debugger.GetSelectedTarget()


def process():
    return target().GetProcess()


class Field:
    """A field of a type; of an enum, the variant that is live."""

    def __init__(self, name, type, artificial=False, path=None):
        self.name, self.type, self.artificial, self.path = name, type, artificial, path or [name]


class Type:
    """A type, and where it is that of a value, the value: for the variant that is live there."""

    def __init__(self, type, value=None, name=None):
        self.sb, self.value, self._name = type, value, name

    @property
    def code(self):
        return CODES.get(self.sb.GetTypeClass(), TYPE_CODE_OTHER)

    @property
    def name(self):
        if self._name is None:
            self._name = f"&{Type(self.sb.GetPointeeType()).name}" if self.code == TYPE_CODE_PTR else gdb_name(self.sb.GetName())
        return self._name

    def __str__(self):
        return self.name

    @property
    def sizeof(self):
        return self.sb.GetByteSize()

    def strip_typedefs(self):
        return self

    def pointer(self):
        return Type(self.sb.GetPointerType())

    def target(self):
        return Type(self.sb.GetPointeeType())

    def template_argument(self, index):
        return Type(self.sb.GetTemplateArgumentType(index))

    def range(self):
        return 0, self.sizeof // self.sb.GetArrayElementType().GetByteSize() - 1

    def fields(self):
        found = [self.sb.GetFieldAtIndex(i) for i in range(self.sb.GetNumberOfFields())]
        if len(found) == 1 and found[0].GetName() == "$variants$":
            return self.variants(found[0].GetType())
        return [Field(field.GetName(), Type(field.GetType())) for field in found]

    def variants(self, union):
        # Under the names by which gdb knows them.
        fields = [Field("__state" if COROUTINE.search(self.name) else "$discr$", Type(union), artificial=True)]
        for i in range(union.GetNumberOfFields()):
            member = union.GetFieldAtIndex(i)
            if self.value is not None and not is_live(self.value, member.GetName()):
                continue
            content = next(field.GetType() for field in member.GetType().fields if field.GetName() == "value")
            name = re.sub(r"<.*", "", re.sub(r".*\$Inner::|\$Variant$", "", member.GetType().GetName()))
            fields.append(Field(name, Type(content, name=f"{self.name}::{name}"), path=["$variants$", member.GetName(), "value"]))
        return fields


def is_live(value, member):
    """Whether a variant is the live one: it has the number that its name says, or has none, and no other has its own."""
    union = value.GetChildMemberWithName("$variants$")
    number = member[len("$variant$"):]
    if number:
        found = union.GetChildMemberWithName(member).GetChildMemberWithName("$discr$").GetValueAsUnsigned()
        return found & 0xFFFF_FFFF == int(number)  # lldb keeps 32 bits of the number in the name
    others = [child.GetName() for child in union if child.GetName() != member]
    return not any(is_live(value, other) for other in others)


def gdb_name(name):
    """A type's name as gdb prints it."""
    return re.sub(r"> (?=>)", ">", re.sub(r"> (?=>)", ">", name or ""))


class Value:
    """A value in the program, or a number with a type."""

    def __init__(self, value, type=None):
        self.number = value if isinstance(value, int) else None
        self.sb = None if isinstance(value, int) else value.GetNonSyntheticValue()
        self._type = type

    @property
    def type(self):
        if self.number is not None:
            return self._type
        return Type(self.sb.GetType(), self.sb, self._type and self._type._name)

    @property
    def address(self):
        return Value(self.sb.GetLoadAddress(), self.type.pointer())

    def __int__(self):
        if self.number is not None:
            return self.number
        return self.sb.GetValueAsSigned() if self.sb.GetType().GetTypeFlags() & lldb.eTypeIsSigned else self.sb.GetValueAsUnsigned()

    def cast(self, type):
        return Value(int(self), type)

    def dereference(self):
        return at(int(self), self.type.sb.GetPointeeType())

    def __getitem__(self, key):
        if isinstance(key, int):
            if self.type.code == TYPE_CODE_PTR:
                element = self.type.sb.GetPointeeType()
                return at(int(self) + key * element.GetByteSize(), element)
            return Value(self.sb.GetChildAtIndex(key))
        if isinstance(key, str):
            plain = self.sb.GetChildMemberWithName(key)
            if plain.IsValid():
                return Value(plain)
            key = next((field for field in self.type.fields() if field.name == key), None)
            if key is None:
                raise error("there is no such field")
        inner = self.sb
        for name in key.path:
            inner = inner.GetChildMemberWithName(name)
        return Value(inner, key.type)

    def __str__(self):
        return str(self.sb.GetValue()) if self.sb.GetNumChildren() == 0 else str(self.sb)

    def format_string(self, **_):
        if self.sb.GetType().GetName() == "&str":
            start, length = (self.sb.GetChildMemberWithName(name).GetValueAsUnsigned() for name in ("data_ptr", "length"))
            return '"' + bytes(Inferior().read_memory(start, length)).decode("utf-8", "replace") + '"'
        return str(self) if self.sb.GetNumChildren() == 0 else re.sub(r"^\(.*?\) \S+ = ", "", str(self.sb), count=1)


def at(address, type):
    return Value(target().CreateValueFromAddress("value", lldb.SBAddress(address, target()), type))


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
        return Value(self.sb)


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
        return Value(start_of(self), None)


def start_of(function):
    value = lldb.SBAddress(function.start, target())
    return target().CreateValueFromAddress("code", value, target().GetBasicType(lldb.eBasicTypeUnsignedChar))


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


def lookup_static_symbols(name):
    if "{async_" in name:
        return functions(name)
    return [Variable(found) for found in target().FindGlobalVariables(name, 16)]


def functions(name):
    """The functions that the debug information calls so. lldb looks them up by the last part of the name."""
    last = name.rsplit("::", 1)[-1]
    found = []
    for context in target().FindFunctions(last):
        function = context.GetFunction()
        if function.IsValid():
            found.append(Function(function, name))
    return found


def lookup_global_symbol(_name):
    return None


def lookup_type(_name):
    raise error("types are found by their drop glue")


def set_convenience_variable(_name, _value):
    pass


def parse_and_eval(expression):
    if expression.startswith("$"):
        register = process().GetSelectedThread().GetFrameAtIndex(0).FindRegister(expression[1:])
        if register.IsValid():
            return Value(register)
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
        return Connection("core" if "core" in (process().GetPluginName() or "") else "native")

    def read_memory(self, address, length):
        failure = lldb.SBError()
        read = process().ReadMemory(address, length, failure)
        if failure.Fail():
            raise error(str(failure))
        return read

    def threads(self):
        return [Thread(thread) for thread in process()]


def selected_inferior():
    return Inferior()


def selected_thread():
    return Thread(process().GetSelectedThread())


def execute(command):
    """`break FILE:LINE`, which is all that the commands ask for here."""
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
    def __init__(self, *_, **__):
        raise GdbError("lldb has no such command: use a breakpoint with a condition.")


class Events:
    """gdb tells when it exits; there is nothing to put in order here."""

    def connect(self, _handler):
        pass

    gdb_exiting = property(lambda self: self)


events = Events()
