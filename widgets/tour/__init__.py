"""The tour: the real window, driven through every workspace, with a picture of each step."""
