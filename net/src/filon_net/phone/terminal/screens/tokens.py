"""Taking in the tokens the operator hands over, and saying how many are left."""

from filon_net.phone.terminal.screens.parts import Ask, Paragraph, PhoneScreen
from filon_net.phone.terminal.sentences import tokens_left

__all__ = ["ask_tokens", "tokens_paragraph"]


def tokens_paragraph(screen: PhoneScreen[None]) -> Paragraph:
    """How many mailboxes to come there are tokens for; loud where there are none."""
    count, ends = screen.phone.spare_tokens()
    return Paragraph(tokens_left(count, ends, screen.view.now, screen.words), "" if count else "bad")


def ask_tokens(screen: PhoneScreen[None]) -> None:
    """Ask for the operator's line and take the tokens in it."""
    say = screen.words.say

    def given(link: str | None) -> None:
        count = screen.attempt(lambda: screen.phone.take_tokens(link)) if link else None
        if count:
            screen.tell(screen.words.many("{count} token taken in.", "{count} tokens taken in.", count))

    explains = [
        say("Paste the operator's line, whole; it begins with filon-net://tokens/."),
        say("Each phone needs a line of its own: a token serves one mailbox, once."),
    ]
    screen.app.push_screen(Ask(say("Tokens from the operator"), explains), given)
