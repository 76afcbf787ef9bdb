"""The synthetic truth: invented networks, exports of them, and what is true about every message."""

from filon.synth.demo import demo
from filon.synth.writing import FORMATS, Made, one_conversation, write

__all__ = ["FORMATS", "Made", "demo", "one_conversation", "write"]
