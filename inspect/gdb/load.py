"""Loads the commands of mini_tokio into gdb.

This file is embedded in every program that links mini_tokio (section .debug_gdb_scripts), so gdb runs it by itself
wherever its auto-load safe path allows. It can be loaded by hand as well: `source inspect/gdb/load.py`.

The commands lie beside this file, in the package mini_tokio_gdb. Embedded, this file does not know where it lies; but the
program's debug information knows where the runtime's sources are. MINI_TOKIO_GDB names the directory if they have moved.
"""

import os
import sys

import gdb


def mini_tokio_places():
    """Directories in which the package may be, the most certain first."""
    if "MINI_TOKIO_GDB" in os.environ:
        yield os.environ["MINI_TOKIO_GDB"]
    if "__file__" in globals():
        yield os.path.dirname(os.path.abspath(__file__))
    root = gdb.lookup_static_symbols("mini_tokio::insight::runtimes::RUNTIMES")
    for symbol in root:
        crate = os.path.dirname(os.path.dirname(os.path.dirname(symbol.symtab.fullname())))
        yield os.path.join(os.path.dirname(crate), "inspect", "gdb")


def load_mini_tokio():
    if "mini_tokio_gdb" in sys.modules:
        return
    for place in mini_tokio_places():
        if os.path.isfile(os.path.join(place, "mini_tokio_gdb", "__init__.py")):
            sys.path.insert(0, place)
            import mini_tokio_gdb  # noqa: F401, it registers its commands

            return
    print("The commands of mini_tokio were not found: set MINI_TOKIO_GDB to its directory inspect/gdb.")


load_mini_tokio()
