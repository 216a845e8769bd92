"""Types and values of a Rust program as gdb's Python module has them, made of what lldb 19 knows of types.

A value is a type and an address. Only types are asked of lldb, each once; memory is read in pages, each once at a stop.
(lldb's own values cost a call for each field of each task: 10,000 tasks took a quarter of a minute.)

lldb, since version 17, shows an enum as a union `$variants$` of structs `$variant$N`, each with `$discr$` and `value`:

    struct Option<u32> { union { struct { u32 $discr$; None value; } $variant$0;  ..1 } $variants$; }

Three things about that are nowhere written but here.

    `$discr$`   lldb 19 takes its place in the enum, in bytes, for the width of a bit-field. So what lldb shows of it
                was read at the enum's beginning, wherever it is; but who asks for the width learns the place. In a
                later lldb, without that slip, the member's offset tells it. `value` begins where the enum does,
                whatever lldb says.
    N           has 32 bits. Of a longer number the rest is known where it matters: in place of a capacity (of a String,
                of a Vec) 2^63 and what follows tell variants; a number of 16 bytes, of which nothing is left, is that
                of a NonZero, and zero. And N has no sign: 254 may be -2.
    `$variant$` without a number is the variant that is live if no other is.

What lldb does not tell at all: whether a pointer is a `Box`, a `&mut` or a `&`.
"""

import re
import sys
from functools import cached_property

import lldb

TYPE_CODE_STRUCT, TYPE_CODE_UNION, TYPE_CODE_PTR, TYPE_CODE_REF, TYPE_CODE_INT, TYPE_CODE_BOOL = range(6)
TYPE_CODE_CHAR, TYPE_CODE_ENUM, TYPE_CODE_ARRAY, TYPE_CODE_FLT, TYPE_CODE_OTHER = range(6, 11)

CODES = {
    lldb.eTypeClassStruct: TYPE_CODE_STRUCT, lldb.eTypeClassClass: TYPE_CODE_STRUCT,
    lldb.eTypeClassUnion: TYPE_CODE_UNION,
    lldb.eTypeClassPointer: TYPE_CODE_PTR, lldb.eTypeClassReference: TYPE_CODE_REF,
    lldb.eTypeClassEnumeration: TYPE_CODE_ENUM, lldb.eTypeClassArray: TYPE_CODE_ARRAY,
}
# What clang calls a type of Rust, where the name says more than the size.
BUILTIN = {
    lldb.eBasicTypeVoid: (TYPE_CODE_OTHER, "()"), lldb.eBasicTypeBool: (TYPE_CODE_BOOL, "bool"),
    lldb.eBasicTypeChar32: (TYPE_CODE_CHAR, "char"), lldb.eBasicTypeFloat: (TYPE_CODE_FLT, "f32"),
    lldb.eBasicTypeDouble: (TYPE_CODE_FLT, "f64"),
}
COROUTINE = re.compile(r"\{async_\w+_env#\d+\}(<.*>)?$")
PAGE = 4096
LONGEST_TEXT = 400
HIGHEST_BIT = 1 << 63


class error(RuntimeError):
    """A value that cannot be read."""


def target():
    return lldb.debugger.GetSelectedTarget()


def process():
    return target().GetProcess()


pages = {}


def forget_memory():
    """What was read is of a stop that is over."""
    pages.clear()


def read(address, length):
    """The bytes of the program from `address` on."""
    if length == 0:
        return b""
    start = address % PAGE
    if start + length <= PAGE:
        page = pages.get(address - start)
        if page is None:
            # Of a page that a core file has in part only what is asked for can be read.
            page = pages[address - start] = read_now(address - start, PAGE) or b""
        if page:
            return page[start:start + length]
    found = read_now(address, length)
    if found is None:
        raise error(f"no memory can be read at {address:#x}")
    return found


def read_now(address, length):
    if process().GetState() not in (lldb.eStateStopped, lldb.eStateSuspended, lldb.eStateCrashed):
        raise error("There is no program that stands still.")
    failure = lldb.SBError()
    found = process().ReadMemory(address, length, failure)
    return bytes(found) if failure.Success() and found and len(found) == length else None


class Field:
    """A field of a struct; a variant of an enum, or its number, which is `artificial`."""

    def __init__(self, name, type, offset=0, artificial=False):
        self.name, self.type, self.offset, self.artificial = name, type, offset, artificial
        self.bitpos = 8 * offset


class Type:
    """A type. Of an enum's value, it has only the variant that is live: see `live`."""

    def __init__(self, sb, name=None):
        self.sb = sb
        if name is not None:
            self.name = name

    @cached_property
    def code(self):
        if self.sb.GetTypeClass() == lldb.eTypeClassBuiltin:
            return BUILTIN.get(self.sb.GetBasicType(), (TYPE_CODE_INT, None))[0]
        return CODES.get(self.sb.GetTypeClass(), TYPE_CODE_OTHER)

    @cached_property
    def name(self):
        """As Rust writes it, with `&` for every pointer."""
        if self.code in (TYPE_CODE_PTR, TYPE_CODE_REF):
            return f"&{self.target().name}"
        if self.sb.GetTypeClass() == lldb.eTypeClassBuiltin:
            name = BUILTIN.get(self.sb.GetBasicType(), (None, None))[1]
            return name or f"{'i' if self.is_signed else 'u'}{8 * self.sizeof}"
        if self.code == TYPE_CODE_ARRAY:
            return f"[{self.target().name}; {self.range()[1] + 1}]"
        name = re.sub(r"> (?=>)", ">", self.sb.GetName() or "")
        count = self.sb.GetNumberOfTemplateArguments()
        if count == 0 or not name.endswith(">"):
            return name
        return f"{without_arguments(name)}<{', '.join(self.template_argument(i).name for i in range(count))}>"

    def __str__(self):
        return self.name

    @cached_property
    def sizeof(self):
        return self.sb.GetByteSize()

    @cached_property
    def is_signed(self):
        return bool(self.sb.GetTypeFlags() & lldb.eTypeIsSigned)

    def strip_typedefs(self):
        return self

    @cached_property
    def _pointer(self):
        pointer = Type(self.sb.GetPointerType())
        pointer._target = self
        return pointer

    def pointer(self):
        return self._pointer

    @cached_property
    def _target(self):
        return Type(self.sb.GetArrayElementType() if self.code == TYPE_CODE_ARRAY else self.sb.GetPointeeType())

    def target(self):
        return self._target

    def template_argument(self, index):
        return self._arguments[index]

    @cached_property
    def _arguments(self):
        return [Type(self.sb.GetTemplateArgumentType(i)) for i in range(self.sb.GetNumberOfTemplateArguments())]

    def range(self):
        return 0, (self.sizeof // self.target().sizeof if self.target().sizeof else 0) - 1

    def fields(self):
        return self._fields

    @cached_property
    def _fields(self):
        if self.variants is not None:
            return [self.variants.number] + [field for _, field in self.variants.fields]
        found = [self.sb.GetFieldAtIndex(i) for i in range(self.sb.GetNumberOfFields())]
        return [Field(field.GetName(), Type(field.GetType()), field.GetOffsetInBytes()) for field in found]

    @cached_property
    def named(self):
        return {field.name: field for field in self.fields()}

    @cached_property
    def variants(self):
        """What an enum has; None of what is none."""
        if self.code != TYPE_CODE_STRUCT or self.sb.GetNumberOfFields() != 1:
            return None
        only = self.sb.GetFieldAtIndex(0)
        return Variants(self, only.GetType()) if only.GetName() == "$variants$" else None


class Variants:
    """The variants of an enum, each with its number as text, and where the number of the live one is read."""

    def __init__(self, enum, union):
        self.offset, self.type, self.fields, self._only = 0, Type(target().GetBasicType(lldb.eBasicTypeVoid)), [], {}
        for i in range(union.GetNumberOfFields()):
            member = union.GetFieldAtIndex(i)
            parts = {part.GetName(): part for part in member.GetType().fields}
            if "$discr$" in parts:
                number = parts["$discr$"]
                self.offset = number.GetBitfieldSizeInBits() if number.IsBitfield() else number.GetOffsetInBytes()
                self.type = Type(number.GetType())
            content = parts["value"].GetType()
            own = without_arguments(content.GetName()[len(enum.sb.GetName()) + len("::"):])
            name = re.sub(r".*\$Inner::|\$Variant$", "", member.GetType().GetName())
            field = Field(re.sub(r"<.*", "", name), Type(content, name=f"{enum.name}::{own}"))
            self.fields.append((member.GetName()[len("$variant$"):], field))
        # Under the names by which gdb knows it.
        name = "__state" if COROUTINE.search(enum.name) else "$discr$"
        self.number = Field(name, self.type, self.offset, artificial=True)
        self.size, self.is_signed = self.type.sizeof, self.type.is_signed
        self._enum = enum

    def live(self, address):
        """The type of the enum at `address`, with the live variant only."""
        number = int.from_bytes(read(address + self.offset, self.size), "little")
        found = self._by_number.get(number, self._rest) or self._by_part.get(number % (1 << 32))
        if found not in self._only:
            type = Type(self._enum.sb, self._enum.name)
            type.variants, type._fields = self, [self.number] + ([found] if found else [])
            self._only[found] = type
        return self._only[found]

    @cached_property
    def _by_number(self):
        return {number: field for name, field in reversed(self.fields) if name for number in self._wholes(int(name))}

    @cached_property
    def _by_part(self):
        return {int(name): field for name, field in self.fields if name}

    @cached_property
    def _rest(self):
        return next((field for name, field in self.fields if not name), None)

    def _wholes(self, name):
        """The numbers for which what lldb knows of a variant's number can stand."""
        if self.is_capacity:
            return [name | HIGHEST_BIT]
        if self.size > 8:
            return [0]
        lengths = [bits for bits in (8, 16, 32) if self.is_signed and name >> bits - 1 == 1]
        return [name] + [(name - (1 << bits)) % (1 << 8 * self.size) for bits in lengths]

    @cached_property
    def is_capacity(self):
        """Whether the number stands in place of a capacity."""
        type, offset = self._enum, self.offset
        while type is not None and not type.name.endswith("UsizeNoHighBit"):
            inner = [field for name, field in type.variants.fields if not name] if type.variants else type.fields()
            inner = next((field for field in inner if 0 <= offset - field.offset < field.type.sizeof), None)
            type, offset = (inner.type, offset - inner.offset) if inner else (None, 0)
        return type is not None


def without_arguments(name):
    """A type's name without its own type parameters, which are the last brackets."""
    if not name.endswith(">"):
        return name
    depth = 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == ">" and name[at - 1] != "-") - (name[at] == "<")
        if depth == 0:
            return name[:at]
    return name


class Value:
    """A value in the program, which has a place there, or a number with a type."""

    __slots__ = ("number", "static", "place", "_type")

    def __init__(self, number, type=None, place=None):
        self.number, self.static, self.place, self._type = number, type, place, None

    @property
    def type(self):
        if self._type is None:
            variants = self.static.variants if self.static is not None else None
            self._type = self.static if variants is None else variants.live(self.place)
        return self._type

    @property
    def address(self):
        return Value(self.place, self.static.pointer())

    def __int__(self):
        if self.number is None:
            self.number = int.from_bytes(read(self.place, self.static.sizeof), "little", signed=self.static.is_signed)
        return self.number

    def cast(self, type):
        return Value(int(self), type)

    def dereference(self):
        return at(int(self), self.static.target())

    def __getitem__(self, key):
        kind = self.static
        if isinstance(key, int):
            start = int(self) if kind.code == TYPE_CODE_PTR else self.place
            return Value(None, kind.target(), start + key * kind.target().sizeof)
        if isinstance(key, Field):
            return Value(None, key.type, self.place + key.offset)
        if kind.code in (TYPE_CODE_PTR, TYPE_CODE_REF):
            return self.dereference()[key]
        field = self.type.named.get(key)
        if field is None:
            raise error(f"{kind} has no field {key}")
        return Value(None, field.type, self.place + field.offset)

    def __str__(self):
        return text(self, 2, 32)

    def format_string(self, max_elements=32, max_depth=2):
        return text(self, max_depth, max_elements)


def at(address, type):
    return Value(None, type, address)


def text(value, depth, most):
    """A value as gdb prints it."""
    kind = value.type
    if kind.code in (TYPE_CODE_PTR, TYPE_CODE_REF):
        return f"{int(value):#x}"
    if kind.code == TYPE_CODE_BOOL:
        return "true" if int(value) else "false"
    if kind.code == TYPE_CODE_CHAR:
        return f"{int(value)} '{chr(int(value))}'" if int(value) <= sys.maxunicode else str(int(value))
    if kind.code == TYPE_CODE_INT:
        return str(int(value))
    if kind.code == TYPE_CODE_ENUM:
        return enumerator(kind, int(value) % (1 << 8 * kind.sizeof))
    if kind.name == "&str":
        start, length = int(value["data_ptr"]), int(value["length"])
        return f'"{read(start, min(length, LONGEST_TEXT)).decode("utf-8", "replace")}"'
    if kind.code not in (TYPE_CODE_STRUCT, TYPE_CODE_UNION, TYPE_CODE_ARRAY):
        return plain(value)
    if depth == 0:
        return "{...}"
    if kind.code == TYPE_CODE_ARRAY:
        return elements(value, kind.range()[1] + 1, depth, most)
    if {"data_ptr", "length"} == set(kind.named):
        return elements(value["data_ptr"], int(value["length"]), depth, most)
    if kind.variants is not None:
        live = [field for field in kind.fields() if not field.artificial]
        return fields(value[live[0]], live[0].type, "", depth, most) if live else f"{kind.name}::?"
    return fields(value, kind, " ", depth, most)


def enumerator(kind, number):
    """The name of a number, of an enum whose variants hold nothing."""
    for member in kind.sb.GetEnumMembers():
        if member.GetValueAsUnsigned() % (1 << 8 * kind.sizeof) == number:
            return f"{kind.name}::{member.GetName()}"
    return str(number)


def plain(value):
    """As lldb prints it: numbers with a fraction."""
    made = target().CreateValueFromAddress("value", lldb.SBAddress(value.place, target()), value.static.sb)
    return made.GetValue() or "()"


def elements(start, length, depth, most):
    shown = [text(start[i], depth - 1, most) for i in range(min(length, most))]
    return f"[{', '.join(shown)}{'...' if length > most else ''}]"


def fields(value, kind, space, depth, most):
    """A struct, a tuple, or, with no space after its name, a variant."""
    names = [field.name for field in kind.fields()]
    is_tuple = bool(names) and all(name.startswith("__") and name[2:].isdigit() for name in names)
    name = "" if kind.name.startswith("(") else kind.name
    if not names:
        return name or "()"
    parts = [text(value[field], depth - 1, most) for field in kind.fields()]
    if is_tuple:
        return f"{name}{space}({', '.join(parts)})".lstrip()
    return f"{name}{space}{{{', '.join(f'{label}: {part}' for label, part in zip(names, parts))}}}"
