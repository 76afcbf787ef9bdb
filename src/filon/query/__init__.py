"""The search language: text ⇄ tree, its meaning in plain words and in plain Python. Knows no engine.

Modules are called after what they do and hold a function of that name: ``parse.parse``, ``show.show``, ``explain.explain``,
``match.match`` (the oracle), ``snippet.snippet``, ``bind.bind``; so nothing is exported here, where one would hide the other.
"""
