"""Types and values of the program, with the interface of gdb's own, as far as it is used here.

A gdb.Value costs some microseconds for each step into a field: gdb looks for enums in all that is inside, to leave the live
variants in its type. A list of ten thousand tasks takes hundreds of thousands of steps. So here a value is no more than a
type and an address. A type asks gdb once for its fields, and for the live variant once for each number that tells it; what
else is found out of it (see `once`) it keeps. Memory is read in pages, each once.

    Value ── type ──▶ Type ── fields ──▶ Field ── type ──▶ Type ..

The types hang from each other, and the first from what a command looks up. So what is known of types ends with the command,
and cannot be wrong when the program is started or compiled anew. (Rejected: to keep types by name. A program may have two
versions of a crate in it.)
"""

from functools import cached_property

import gdb

STRUCT = gdb.TYPE_CODE_STRUCT
UNION = gdb.TYPE_CODE_UNION
POINTERS = (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_REF)
NUMBERS = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_ENUM)
PAGE = 4096

pages = {}


def forget_memory():
    """What was read is of a stop that is over."""
    pages.clear()


def memory(address, length):
    """The bytes of the program from `address` on."""
    start = address % PAGE
    if start + length > PAGE:
        return read(address, length)
    page = pages.get(address - start)
    if page is None:
        try:
            page = read(address - start, PAGE)
        except gdb.error:
            # Of a page that a core file has in part only what is asked for can be read.
            return read(address, length)
        pages[address - start] = page
    return page[start:start + length]


def read(address, length):
    return bytes(gdb.selected_inferior().read_memory(address, length)) if length else b""


def once(question):
    """For a function of a type: each type is asked once, and keeps the answer."""
    def ask(type):
        try:
            return type.answers[question]
        except KeyError:
            type.answers[question] = question(type)
            return type.answers[question]

    return ask


class Field:
    """A field of a struct; a variant of an enum, or the number that tells which is live: only that is `artificial`."""

    __slots__ = ("name", "type", "offset", "artificial")

    def __init__(self, name, type, offset=0, artificial=False):
        self.name, self.type, self.offset, self.artificial = name, type, offset, artificial

    def then(self, inner):
        """A field of this field, as one of what this one is in."""
        return Field(inner.name, inner.type, self.offset + inner.offset)


class Type:
    """A type. An enum's has all variants, but that of an enum's value only the live one: see `live`."""

    def __init__(self, known):
        self.known = known.strip_typedefs()
        self.code, self.sizeof = self.known.code, self.known.sizeof
        self.name = str(self.known.name or self.known)
        self.answers, self.lives, self.arguments = {}, {}, {}

    def __str__(self):
        return self.name

    def fields(self):
        return self._fields

    @cached_property
    def _fields(self):
        if self.code not in (STRUCT, UNION):
            return []
        return [Field(field.name, Type(field.type), field.bitpos // 8, field.artificial) for field in self.known.fields()]

    @cached_property
    def named(self):
        return {field.name: field for field in self.fields()}

    @cached_property
    def discriminant(self):
        """The field that tells which variant of an enum is live; None of what is no enum."""
        return next((field for field in self.fields() if field.artificial), None)

    @cached_property
    def is_enum(self):
        return self.discriminant is not None

    def live(self, address):
        """The type of an enum's value at `address`: the enum with its live variant only."""
        number = memory(address + self.discriminant.offset, self.discriminant.type.sizeof)
        if self.is_nullable:
            number = any(number)
        if number not in self.lives:
            # Only gdb knows which number tells which variant. It looks at all that is inside, and may fail on that.
            found = gdb_value(address, self.known).type.fields()
            type = Type(self.known)
            type._fields = [self.named[field.name] for field in found]
            self.lives[number] = type
        return self.lives[number]

    @cached_property
    def is_nullable(self):
        """Whether a variant has a pointer where the number is: null is the only number that one can stand for then."""
        return any(variant.type.has_pointer_at(self.discriminant.offset - variant.offset) for variant in self.fields())

    def has_pointer_at(self, offset):
        """Whether a pointer begins there, or in an enum could."""
        if self.code in POINTERS:
            return offset == 0
        return any(field.type.has_pointer_at(offset - field.offset) for field in self.fields()
                   if field.offset <= offset < field.offset + field.type.sizeof)

    @cached_property
    def _pointer(self):
        type = Type(self.known.pointer())
        type._target = self
        return type

    def pointer(self):
        return self._pointer

    @cached_property
    def _target(self):
        return Type(self.known.target())

    def target(self):
        return self._target

    def template_argument(self, index):
        if index not in self.arguments:
            self.arguments[index] = Type(self.known.template_argument(index))
        return self.arguments[index]

    def range(self):
        return self.known.range()

    @cached_property
    def is_signed(self):
        return self.code == gdb.TYPE_CODE_INT and self.known.is_signed


class Value:
    """A value in the program, at `place`; or a pointer that is in none, and known by its `number`.

    An enum's `type` has the live variant only, and its `static` type all.
    """

    __slots__ = ("static", "type", "place", "number")

    def __init__(self, type, place=None, number=None):
        self.static, self.place, self.number = type, place, number
        self.type = type.live(place) if type.is_enum else type

    @property
    def address(self):
        return Value(self.static.pointer(), number=self.place)

    def __int__(self):
        return integer(self.place, self.static) if self.number is None else self.number

    def cast(self, type):
        return Value(type, number=int(self))

    def dereference(self):
        return Value(self.static.target(), int(self))

    def __getitem__(self, key):
        """A field by its name or itself; an element of an array, or behind a pointer, by its index."""
        if isinstance(key, int):
            start = int(self) if self.static.code in POINTERS else self.place
            return Value(self.static.target(), start + key * self.static.target().sizeof)
        field = key if isinstance(key, Field) else self.type.named.get(key)
        if field is None:
            raise gdb.error(f"{self.static} has no field {key}")
        return Value(field.type, self.place + field.offset)

    def by_gdb(self):
        """The gdb.Value, for what only gdb does."""
        if self.place is None:
            return gdb.Value(self.number).cast(self.static.known)
        return gdb_value(self.place, self.static.known)

    def __str__(self):
        return str(self.by_gdb())

    def format_string(self, **options):
        return self.by_gdb().format_string(**options)


def integer(address, type):
    return int.from_bytes(memory(address, type.sizeof), "little", signed=type.is_signed)


def gdb_value(address, type):
    return gdb.Value(address).cast(type.pointer()).dereference()


def of(symbol):
    """The value of a static variable."""
    value = symbol.value()
    return Value(Type(value.type), int(value.address))
