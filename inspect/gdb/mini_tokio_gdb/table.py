"""Columns of text."""


def print_table(head, rows, indent=""):
    """Columns as wide as they need; a column of numbers stands right."""
    rows = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    right = [bool(rows) and all(row[i].isdigit() or not row[i] for row in rows) for i in range(len(head))]
    for row in [head] + rows:
        cells = [cell.rjust(width) if flush else cell.ljust(width) for cell, width, flush in zip(row, widths, right)]
        print((indent + "  ".join(cells)).rstrip())


def age(seconds):
    """How long, in the unit that a reader would choose."""
    if seconds >= 5400:
        return f"{seconds / 3600:.0f} h"
    if seconds >= 90:
        return f"{seconds / 60:.0f} min"
    if seconds >= 2:
        return f"{seconds:.0f} s"
    return f"{seconds * 1000:.0f} ms"
