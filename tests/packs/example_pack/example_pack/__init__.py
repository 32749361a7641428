"""Holds the template folders of this pack."""
