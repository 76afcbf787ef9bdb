"""Sixty-four pictures that differ in shape and are easy to name aloud: six bits each of the code two people compare."""

__all__ = ["EMOJI"]

EMOJI: tuple[tuple[str, str], ...] = (
    ("🐎", "horse"), ("🐄", "cow"), ("🐑", "sheep"), ("🐕", "dog"),
    ("🐈", "cat"), ("🐇", "rabbit"), ("🦊", "fox"), ("🐻", "bear"),
    ("🦁", "lion"), ("🐘", "elephant"), ("🐪", "camel"), ("🦉", "owl"),
    ("🦆", "duck"), ("🐟", "fish"), ("🐙", "octopus"), ("🐢", "turtle"),
    ("🐝", "bee"), ("🦋", "butterfly"), ("🐌", "snail"), ("🌵", "cactus"),
    ("🌻", "sunflower"), ("🍀", "clover"), ("🍄", "mushroom"), ("🌲", "fir"),
    ("🍎", "apple"), ("🍌", "banana"), ("🍇", "grapes"), ("🍓", "strawberry"),
    ("🍋", "lemon"), ("🥕", "carrot"), ("🌽", "corn"), ("🧅", "onion"),
    ("🥖", "bread"), ("🧀", "cheese"), ("🥚", "egg"), ("🍯", "honey"),
    ("☕", "coffee"), ("🔥", "fire"), ("❄", "snowflake"), ("🌈", "rainbow"),
    ("☂", "umbrella"), ("⚡", "lightning"), ("🌙", "moon"), ("⭐", "star"),
    ("🌍", "globe"), ("⛰", "mountain"), ("🏠", "house"), ("🏰", "castle"),
    ("⛵", "sailboat"), ("🚲", "bicycle"), ("🚂", "train"), ("🚜", "tractor"),
    ("🎈", "balloon"), ("🎺", "trumpet"), ("🎸", "guitar"), ("🥁", "drum"),
    ("🔑", "key"), ("🔔", "bell"), ("⚓", "anchor"), ("✂", "scissors"),
    ("🔨", "hammer"), ("🕯", "candle"), ("📖", "book"), ("⌛", "hourglass"),
)  # fmt: skip
"""Picture and English word, by index 0…63; the order is part of the protocol."""
