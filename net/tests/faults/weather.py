"""A relay on which letters are delayed, doubled, overtaken and lost, without anybody's bad will."""

from filon_net.wire.frames import Deliver, Frame
from hostile.proxy import Line, Proxy

__all__ = ["OVERTAKEN", "Weather"]

OVERTAKEN = 12
"""A delivery waits for at most so many later ones."""


class Weather(Proxy):
    """What befalls the next deliveries: a letter for each, used up from the left, honest when none is left."""

    def __init__(self) -> None:
        self.ahead = ""
        self.lost = 0

    def from_relay(self, line: Line, frame: Frame) -> None:
        if not isinstance(frame, Deliver):
            super().from_relay(line, frame)
            return
        now, self.ahead = self.ahead[:1], self.ahead[1:]
        held = line.__dict__.setdefault("held", [])
        if now == "h":
            held.append([frame, 0])
        elif now == "l":
            self.lost += 1
            line.erase(frame)
        else:
            line.to_phone(frame)
            if now == "d":
                line.to_phone(frame, made_up=True)
            for one in held:
                one[1] += 1
        self.release(line, OVERTAKEN)

    def release(self, line: Line, after: int) -> None:
        held = line.__dict__.get("held", [])
        for one in [one for one in held if one[1] >= after]:
            held.remove(one)
            line.to_phone(one[0])

    def more(self, line: Line) -> None:
        if not self.ahead:
            self.release(line, 0)
