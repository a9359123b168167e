"""The table of what was tried."""

import textwrap


class Table:
    """Rows, each shown when it is known and kept in a file."""

    def __init__(self, file):
        self.file = file
        self.rows = 0
        self.wrong = 0
        file.write_text("")

    def say(self, text):
        print(text, flush=True)
        with open(self.file, "a") as out:
            out.write(text + "\n")

    def row(self, what, tried, happened, wrong):
        self.rows += 1
        self.wrong += bool(wrong)
        self.say(f"{what:10} {tried:58} {'WRONG' if wrong else happened}".rstrip())
        for fault in wrong[:5]:
            self.say(textwrap.indent(fault, " " * 11))
        if len(wrong) > 5:
            self.say(f"{'':10} and {len(wrong) - 5} more")
