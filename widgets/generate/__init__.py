"""The window that makes data sets: what is asked for, what it will cost, and the run itself."""
