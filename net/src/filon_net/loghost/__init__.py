"""The transparency log and the witness as programs: HTTP around ``filon_net.log``.

``folder`` is what lies on the disk besides the tree: keys and rules. ``gate`` decides what is let in, and ``spent`` remembers
used tokens. ``host`` is everything one thread does with the disk; ``sequencer`` accepts, integrates, asks the ``witnesses``
and publishes; ``log_app`` and ``witness_app`` are the addresses; ``serving`` holds the sockets and what nobody may do to them.
"""
