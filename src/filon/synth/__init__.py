"""The synthetic truth: invented networks, exports of them, and what is true about every message."""

from filon.synth.writing import FORMATS, Made, one_conversation, write

__all__ = ["FORMATS", "Made", "one_conversation", "write"]
