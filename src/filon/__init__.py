"""filon: a workbench for lawfully obtained chat messages."""
