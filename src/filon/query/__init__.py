"""The search language: text ⇄ tree, its meaning in plain words and in plain Python. Knows no engine."""
