# For gdb started in this directory, if your ~/.gdbinit allows it: add-auto-load-safe-path /path/to/this/directory
#
# Programs built here carry a loader of the commands for mini_tokio (`help mt`); this lets gdb run it. The second line loads
# them for programs that were built without it.
python import os; gdb.execute("add-auto-load-safe-path " + os.getcwd())
source inspect/gdb/load.py
