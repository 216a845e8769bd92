"""Values of Rust's standard library as gdb sees them.

Layouts of the standard library move between compilers (a wrapper more around an atomic, say). So nothing here names a field
that is not public knowledge: numbers and pointers are found by looking for the first one inside.
"""

import re

import gdb

STRUCT = gdb.TYPE_CODE_STRUCT
UNION = gdb.TYPE_CODE_UNION
POINTERS = (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_REF)
NUMBERS = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_ENUM)


def fields(value):
    """The fields that hold something."""
    return [field for field in value.type.fields() if not field.artificial and field.type.sizeof > 0]


paths = {}


def first(value, codes):
    """The first value inside `value`, itself included, whose type has one of `codes`; None if there is none."""
    kind = value.type
    if kind.code in codes:
        return value
    # The way there is the same for all values of a type, and a list of tasks asks ten thousand times.
    key = (kind.name, codes)
    if kind.name is None or key not in paths:
        paths[key] = path_to_first(kind, codes)
    if paths[key] is None:
        return None
    for name in paths[key]:
        value = value[name]
    return value


def path_to_first(kind, codes):
    """The names of the fields that lead to it."""
    if kind.code in codes:
        return []
    if kind.code in (STRUCT, UNION):
        for field in kind.fields():
            if not field.artificial and field.type.sizeof > 0:
                rest = path_to_first(field.type, codes)
                if rest is not None:
                    return [field.name] + rest
    return None


def number(value):
    """The number in a cell, an atomic, a NonZero or an id."""
    return int(first(value, NUMBERS))


def pointer(value):
    """The thin pointer in a Box, a NonNull, an AtomicPtr; zero for null."""
    return first(value, POINTERS)


def variant(value):
    """The name of the active variant of an enum, and its content (None where it has none)."""
    active = [field for field in value.type.fields() if not field.artificial]
    if len(active) != 1:
        return str(value).rsplit("::", 1)[-1], None
    return active[0].name, value[active[0]]


def some(value):
    """What is in an Option, or None."""
    name, content = variant(value)
    if name != "Some":
        return None
    return content[content.type.fields()[0]]


def inside(cell):
    """What is in a Mutex, an UnsafeCell, a ManuallyDrop, a TaskRef, in any nesting of them."""
    while cell.type.code == STRUCT:
        names = {field.name for field in cell.type.fields()}
        if "data" in names and "raw" in names:  # a lock of parking_lot
            cell = cell["data"]
        elif re.match(r"(core::cell::|core::mem::|mini_tokio::shim::|timer::shim::|mini_tokio::task::cell::TaskRef)", str(cell.type.name)):
            cell = cell[fields(cell)[0]]
        else:
            break
    return cell


def arc(value):
    """The value behind an Arc or a Weak of a sized type; None if its strong count is zero."""
    inner = pointer(value).dereference()
    return inner["data"] if number(inner["strong"]) > 0 else None


def elements(value):
    """The elements of a Vec, a VecDeque or a Box<[T]>."""
    names = {field.name for field in value.type.fields()}
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
        names = {field.name for field in value.type.fields()}
        if "data_ptr" in names:
            start, length = value["data_ptr"], int(value["length"])
            break
        if "buf" in names:
            start, length = pointer(value["buf"]), number(value["len"])
            break
        value = value[fields(value)[0]]
    return memory(int(start), length).decode("utf-8", "replace")


def memory(address, length):
    return bytes(gdb.selected_inferior().read_memory(address, length)) if length else b""


def word(address):
    """The machine word at `address`."""
    return int.from_bytes(memory(address, WORD), "little")


WORD = 8


def is_trait_object(value):
    return value.type.code == STRUCT and {field.name for field in value.type.fields()} == {"pointer", "vtable"}


concrete_types = {}


def concrete_type(fat):
    """The type behind a `dyn` pointer; None if the program has no debug information for it."""
    vtable = int(fat["vtable"])
    if vtable not in concrete_types:
        concrete_types[vtable] = type_of_vtable(fat, vtable)
    return concrete_types[vtable]


def type_of_vtable(fat, vtable):
    return type_by_gdb(fat) or type_of_drop_glue(word(vtable))


def type_by_gdb(fat):
    gdb.set_convenience_variable("mt_fat", fat)
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
    return fat["pointer"].cast(concrete.pointer()).dereference()


def behind_arc(fat):
    """The value behind an `Arc<dyn ..>`, whose counts come first; None if its type is not known, or gdb cannot read it."""
    concrete = concrete_type(fat)
    if concrete is None:
        return None
    alignment = word(int(fat["vtable"]) + 2 * WORD)
    counts = 2 * WORD
    offset = (counts + alignment - 1) // alignment * alignment
    try:
        return gdb.Value(int(fat["pointer"]) + offset).cast(concrete.pointer()).dereference()
    except gdb.error:
        # gdb looks which variants are live, and fails if one of them is told by 16 bytes, as next to a `TypeId`.
        return None


def short(name):
    """A type's name without the paths: `Receiver<Ship>`."""
    return re.sub(r"(\w+::)+(?=[\w{])", "", name)
