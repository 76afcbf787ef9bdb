"""The phone in a terminal: screens by keyboard (``app``), and the same line by line for screen readers and pipes (``plain``).

Both show what ``view``, ``alarms`` and ``moments`` make of a ``Phone``, in the words of ``filon_net.words``.
Everything that came over the network passes through ``visible`` and is never read as markup.
Nothing is imported here: who reads line by line does not load the screens.
"""
