"""The cervical length over one pregnancy: what its notes measured and what happened, as a picture and as a table.

Which elements are lengths and events, and what is drawn beside them, is data: `templates/_rules/course.yaml`.
"""

from ci_notes.charting.course import Course, Event, Line, Point, cervical_lengths
from ci_notes.charting.picture import NARROW, WIDE, svg
from ci_notes.charting.telling import Row, caption, table

__all__ = ["NARROW", "WIDE", "Course", "Event", "Line", "Point", "Row", "caption", "cervical_lengths", "svg", "table"]
