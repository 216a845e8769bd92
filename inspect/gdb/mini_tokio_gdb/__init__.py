"""Commands for programs that run on mini_tokio: `help mt` in gdb lists them.

Everything is read from memory, from the static RUNTIMES on; no function of the program is called. So the commands work in a
core file, and where a lock is held.

    file        its noun
    values      types and values: what gdb is asked, and what is read from memory
    rust        values of the standard library: Vec, Arc, Option, trait objects
    runtimes    a runtime and its parts
    tasks       a task: header, state, future
    futures     a future: what it awaits, where, with which locals
    waits       the end of such a chain: a timer, a socket, another task
    workers     a worker: its thread, its queues
    drivers     the timer's wheel, the reactor's registrations
    clocks      how long it is to a deadline
    stops       breakpoints for one task
    table       columns of text
    commands    the words that are typed
"""

from . import commands

commands.register()
