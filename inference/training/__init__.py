"""Training of the networks: tasks, the loop, checkpoints, export. The window never imports it."""
