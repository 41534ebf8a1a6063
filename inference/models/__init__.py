"""The networks in torch, their losses and training. The window never imports this package."""
