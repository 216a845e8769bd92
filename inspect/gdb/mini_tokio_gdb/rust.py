"""Values of Rust's standard library as gdb sees them.

Layouts of the standard library move between compilers (a wrapper more around an atomic, say). So nothing here names a field
that is not public knowledge: numbers and pointers are found by looking for the first one inside.
"""

import re

import gdb

from .values import NUMBERS, POINTERS, STRUCT, Field, Type, Value, integer, memory, once

CELLS = re.compile(r"core::cell::|core::mem::|mini_tokio::shim::|timer::shim::|mini_tokio::task::cell::TaskRef")


def fields(value):
    """The fields that hold something."""
    return fields_of(value.type)


@once
def fields_of(kind):
    return [field for field in kind.fields() if not field.artificial and field.type.sizeof > 0]


def first(kind, codes):
    """The first field inside a type, itself included, whose type has one of `codes`; None if there is none."""
    if kind.code in codes:
        return Field(None, kind)
    found = ((field, first(field.type, codes)) for field in fields_of(kind))
    return next((field.then(inner) for field, inner in found if inner is not None), None)


@once
def first_number(kind):
    return first(kind, NUMBERS)


@once
def first_pointer(kind):
    return first(kind, POINTERS)


def number(value):
    """The number in a cell, an atomic, a NonZero or an id."""
    field = first_number(value.type)
    return integer(value.place + field.offset, field.type)


def pointer(value):
    """The thin pointer in a Box, a NonNull, an AtomicPtr; zero for null."""
    if value.static.code in POINTERS:
        return value
    return value[first_pointer(value.type)]


@once
def active(kind):
    """The live variant in the type of an enum's value; None where no variant holds anything."""
    found = [field for field in kind.fields() if not field.artificial]
    return found[0] if len(found) == 1 else None


def variant(value):
    """The name of the active variant of an enum, and its content (None where it has none)."""
    field = active(value.type)
    if field is None:
        return str(value).rsplit("::", 1)[-1], None
    return field.name, value[field]


def some(value):
    """What is in an Option, or None."""
    name, content = variant(value)
    if name != "Some":
        return None
    return content[content.type.fields()[0]]


def inside(cell):
    """What is in a Mutex, an UnsafeCell, a ManuallyDrop, a TaskRef, in any nesting of them."""
    return cell[innermost(cell.type)]


@once
def innermost(kind):
    """What is in such a type, as a field of it: the type itself, if it is none of these."""
    if "data" in kind.named and "raw" in kind.named:  # a lock of parking_lot
        field = kind.named["data"]
    elif CELLS.match(kind.name):
        field = fields_of(kind)[0]
    else:
        return Field(None, kind)
    return field.then(innermost(field.type))


def arc(value):
    """The value behind an Arc or a Weak of a sized type; None if its strong count is zero."""
    inner = pointer(value).dereference()
    return inner["data"] if number(inner["strong"]) > 0 else None


def elements(value):
    """The elements of a Vec, a VecDeque or a Box<[T]>."""
    names = value.type.named
    if "data_ptr" in names:
        return [value["data_ptr"][i] for i in range(int(value["length"]))]
    length, element = number(value["len"]), value.type.template_argument(0)
    start = pointer(value["buf"]).cast(element.pointer())
    if "head" not in names:
        return [start[i] for i in range(length)]
    head, capacity = number(value["head"]), first_named(value["buf"], "cap")
    return [start[(head + i) % capacity] for i in range(length)]


def first_named(value, name):
    """The number in the first field called `name`, however deep."""
    for field in fields(value):
        if field.name == name:
            return number(value[field])
        if value[field].type.code == STRUCT:
            found = first_named(value[field], name)
            if found is not None:
                return found
    return None


def slab(value):
    """The occupied entries of a slab, with their keys."""
    for key, entry in enumerate(elements(value["entries"])):
        name, content = variant(entry)
        if name == "Occupied":
            yield key, content[content.type.fields()[0]]


def text(value):
    """A String, a &str, a Box<str>, or a NonNull<str>."""
    if value is None:
        return None
    while True:
        names = value.type.named
        if "data_ptr" in names:
            start, length = value["data_ptr"], int(value["length"])
            break
        if "buf" in names:
            start, length = pointer(value["buf"]), number(value["len"])
            break
        value = value[fields(value)[0]]
    return memory(int(start), length).decode("utf-8", "replace")


def word(address):
    """The machine word at `address`."""
    return int.from_bytes(memory(address, WORD), "little")


WORD = 8


@once
def is_trait_object(kind):
    return kind.code == STRUCT and set(kind.named) == {"pointer", "vtable"}


# What is behind a vtable, by its address. The next command may find the program elsewhere: it forgets them.
concrete_types = {}


def concrete_type(fat):
    """The type behind a `dyn` pointer; None if the program has no debug information for it."""
    vtable = int(fat["vtable"])
    if vtable not in concrete_types:
        found = type_of_vtable(fat, vtable)
        concrete_types[vtable] = None if found is None else Type(found)
    return concrete_types[vtable]


def type_of_vtable(fat, vtable):
    return type_by_gdb(fat) or type_of_drop_glue(word(vtable))


def type_by_gdb(fat):
    gdb.set_convenience_variable("mt_fat", fat.by_gdb())
    try:
        # The value itself may be nonsense (in an Arc the counts come first), and with it the variants that gdb has chosen in
        # its type. So only the name is taken.
        return gdb.lookup_type(str(gdb.parse_and_eval("*$mt_fat").type))
    except gdb.error:
        return None


def type_of_drop_glue(drop_glue):
    """The first word of a vtable is a function that drops a value, and takes a pointer to it."""
    block = gdb.block_for_pc(drop_glue) if drop_glue else None
    while block is not None and block.function is None:
        block = block.superblock
    try:
        return block.function.type.fields()[0].type.target()
    except (AttributeError, IndexError, RuntimeError):
        return None


def behind(fat):
    """The value behind a `Box<dyn ..>` or `&dyn ..`; None if its type is not known."""
    concrete = concrete_type(fat)
    if concrete is None:
        return None
    return Value(concrete, int(fat["pointer"]))


def behind_arc(fat):
    """The value behind an `Arc<dyn ..>`, whose counts come first; None if its type is not known."""
    concrete = concrete_type(fat)
    if concrete is None:
        return None
    alignment = word(int(fat["vtable"]) + 2 * WORD)
    counts = 2 * WORD
    offset = (counts + alignment - 1) // alignment * alignment
    return Value(concrete, int(fat["pointer"]) + offset)


def short(name):
    """A type's name without the paths: `Receiver<Ship>`."""
    return re.sub(r"(\w+::)+(?=[\w{])", "", name)
