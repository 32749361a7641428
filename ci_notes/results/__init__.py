"""What bulk checking found, in the formats that other tools read; nothing here knows a patient."""

from ci_notes.results.model import Checked, Described, Told, Unread, checked, described, rule_set

__all__ = ["Checked", "Described", "Told", "Unread", "checked", "described", "rule_set"]
