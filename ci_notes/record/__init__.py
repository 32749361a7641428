"""The record: drafts, the ledger of signed notes, patients and the audit trail, in SQLite or PostgreSQL.

`open_record` is the door. No clock stands here: `now` (text, ISO 8601, UTC) is an argument wherever it matters.
"""
