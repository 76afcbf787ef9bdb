"""How the terminal phone looks: two themes from the same few colours, one accent, and the styles of its screens."""

from textual.theme import Theme

__all__ = ["CSS", "DARK", "LIGHT"]

DARK = Theme(
    "filon-dark",
    primary="#6ea8fe",
    accent="#6ea8fe",
    secondary="#8b98a9",
    foreground="#dfe4ea",
    background="#14181d",
    surface="#1a1f26",
    panel="#232a33",
    success="#6fbf8b",
    warning="#e0a94a",
    error="#ef7d78",
    dark=True,
    variables={
        "quiet": "#97a3b2",
        "mine": "#22364f",
        "theirs": "#232a33",
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#6ea8fe",
    },
)
LIGHT = Theme(
    "filon-light",
    primary="#1c5bb8",
    accent="#1c5bb8",
    secondary="#5b6673",
    foreground="#1b2129",
    background="#fbfbf9",
    surface="#f3f3f0",
    panel="#e8e9e6",
    success="#1f7a44",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={
        "quiet": "#596472",
        "mine": "#d9e6f8",
        "theirs": "#ebecea",
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#1c5bb8",
    },
)

CSS = """
Screen { background: $background; color: $foreground; }
* {
  scrollbar-color: $panel; scrollbar-color-hover: $quiet; scrollbar-color-active: $quiet;
  scrollbar-background: $background; scrollbar-background-hover: $background; scrollbar-background-active: $background;
  scrollbar-corner-color: $background;
}
OptionList:focus, TextArea:focus, Input:focus { background-tint: $foreground 0%; }

#banner { height: auto; max-height: 5; }
.alarm { height: auto; padding: 0 1; }
.alarm.-alarm { background: $error; color: $background; }
.alarm.-warning { background: $warning 22%; color: $foreground; }
.alarm.-note { background: $panel; color: $foreground; }

#body { height: 1fr; }
#chats { width: 30%; min-width: 26; max-width: 44; height: 1fr; border: none;
  background: $surface; padding: 0; scrollbar-size-vertical: 1; }
#chats:focus { border: none; }
#chats > .option-list--option { padding: 0 1; }
#chats > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
#chats:focus > .option-list--option-highlighted { background: $accent 30%; color: $foreground; text-style: none; }
#talk { width: 1fr; height: 1fr; }
#title { height: auto; max-height: 2; padding: 0 1; background: $surface; }
#messages { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
#writing { height: auto; min-height: 3; max-height: 8; border: round $panel; padding: 0 1; background: $background; }
#writing:focus { border: round $accent; }
#status { height: 1; padding: 0 1; color: $quiet; background: $surface; }
#status.-bad { color: $error; }
#keys { height: auto; max-height: 2; padding: 0 1; color: $quiet; background: $surface; }

Bubble { height: auto; width: 1fr; margin: 0 0 1 0; }
Bubble.mine { align-horizontal: right; }
Bubble > Static { width: auto; max-width: 82%; padding: 0 1; background: $theirs; }
Bubble.mine > Static { background: $mine; }
Bubble.failed > Static { border-left: thick $error; }
Bubble:focus > Static { border-left: thick $accent; }
Bubble.day, Bubble.gap, Bubble.note { align-horizontal: center; }
Bubble.day > Static, Bubble.note > Static { background: $background; color: $quiet; }
Bubble.gap > Static { background: $warning 22%; color: $foreground; }

.page { padding: 1 2; height: 1fr; scrollbar-size-vertical: 1; }
.page Static { height: auto; width: 1fr; margin-bottom: 1; }
#paragraphs { height: 1fr; scrollbar-size-vertical: 1; }
.page .heading { text-style: bold; }
.page .quiet { color: $quiet; }
.page .good { color: $success; }
.page .bad { color: $error; text-style: bold; }
.page Input, .page TextArea { border: round $panel; margin-bottom: 1; background: $background; }
.page Input:focus, .page TextArea:focus { border: round $accent; }
.page TextArea { height: 5; }
.page OptionList {
  height: auto; max-height: 60%; dock: bottom; border: none; background: $background; padding: 0; margin-bottom: 1;
}
.page OptionList > .option-list--option { padding: 0 1; }
.page OptionList > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
.page OptionList:focus > .option-list--option-highlighted { background: $accent 30%; color: $foreground; text-style: none; }
.page .code { width: auto; color: black; background: white; }
.page .emoji { text-style: bold; }
#lock { align: center middle; }
#code { align: center middle; }
#lock .page { width: 64; max-width: 100%; height: auto; background: $surface; }

.-narrow #chats { width: 1fr; max-width: 100%; }
.-narrow #talk { display: none; }
.-narrow.-talking #chats { display: none; }
.-narrow.-talking #talk { display: block; }
"""
