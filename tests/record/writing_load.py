"""Writes and signs without end, and says so line by line after each act; killed by `test_kills` at random moments.

Run as: writing_load.py URL. For each line on stdin, two workers are forked that write until they are killed; their ids
are printed, then what they acknowledge, then `end` when both are gone.
"""

import os
import sys
from itertools import count
from uuid import uuid4

from recording import BEA, as_signed, at, note, put

from ci_notes.record import Record, open_record
from ci_notes.record.model import Event

WORKERS = 2


def say(*words: object) -> None:
    """Acknowledge something: one write, so that the lines of two workers never mix."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def work(record: Record) -> None:
    for number in count():
        draft = record.drafts.begin(note(patient={"pseudonym": f"P-{number % 7}"}), BEA, at(0))
        say("begun", draft.id)
        for value in range(4):
            draft = record.drafts.change(draft.id, put("exam", "dilation", value), BEA, "t", at(1), str(uuid4()))
            say("changed", draft.id, draft.revision)
        entry = record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, at(2))
        say("entered", entry.seq, entry.hash)
        entry = record.ledger.addend(draft.id, "once more", BEA, at(3))
        say("entered", entry.seq, entry.hash)
        say("audited", record.audit.add(Event("u", "U", "sign", "note", draft.id), at(4)).hash)


def main(url: str) -> None:
    for _ in sys.stdin:
        children = []
        for _ in range(WORKERS):
            child = os.fork()
            if child == 0:
                try:
                    work(open_record(url))
                finally:
                    os._exit(1)
            children.append(child)
        say("working", *children)
        for child in children:
            _, status = os.waitpid(child, 0)
            say("gone", os.waitstatus_to_exitcode(status))
        say("end")


if __name__ == "__main__":
    main(sys.argv[1])
