"""Annotated pictures from the files that others and this project write."""
