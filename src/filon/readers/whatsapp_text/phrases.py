"""The sentences WhatsApp itself writes into an export, in English, French, Dutch, German, Spanish and Portuguese.

Membership, renames and calls are only there as such sentences. One that is not known here stays an event ``other`` with
its text. The wording changes between versions; the patterns are kept loose where no name depends on them.
"""

import re

import msgspec

__all__ = ["Told", "is_deleted", "is_edited", "is_undecryptable", "may_be_ours", "omitted", "told"]

_YOU = frozenset({"you", "vous", "tu", "je", "jij", "u", "du", "sie", "tú", "você"})
_MARKS = " \u200e\u200f\u202a\u202b\u202c\u2068\u2069"
_QUOTES = _MARKS + "\"'“”„«»‘’.\u00a0"
_AND = re.compile(r", (?:and |et |en |und |y |e )?| (?:and|et|en|und|y|e) ")

# {A} who did it, {B} whom it concerns, {V} the new value, {O} the old one.
_SENTENCES: dict[str, str] = {
    "key-change": """
        {A}'s security code(?: with .+)? changed.*|Your security code with {A} changed.*
        Le code de sécurité de {A} a changé.*|Votre code de sécurité avec {A} a changé.*
        De beveiligingscode van {A} is gewijzigd.*|(?:Je|Uw) beveiligingscode met {A} is gewijzigd.*
        (?:Deine|Die) Sicherheitsnummer (?:für|mit|von) {A} hat sich geändert.*
        (?:El|Tu) código de seguridad (?:de|con) {A} (?:ha cambiado|cambió).*
        (?:Seu|O) código de segurança (?:com|de) {A} mudou.*""",
    "encryption": """
        Messages .*(?:end-to-end encrypt|secured with).*|Les messages .*chiffr.*|Berichten .*versleutel.*
        Nachrichten .*Ende-zu-Ende.*|Los mensajes .*extremo a extremo.*|As mensagens .*(?:ponta a ponta|criptografi).*""",
    "create": """
        {A} created (?:the |this )?group(?: {V})?|Group created by {A}
        {A} (?:a|avez) créé (?:le |ce )?groupe(?: {V})?|{A} (?:heeft|hebt) (?:de |deze )?groep(?: {V})? (?:aan)?gemaakt
        {A} (?:hat|hast) (?:die |diese )?Gruppe(?: {V})? erstellt|{A} creó (?:el |este )?grupo(?: {V})?|Creaste el grupo {V}
        {A} criou (?:o |este )?grupo(?: {V})?""",
    "rename": """
        {A} changed the (?:subject|group name)(?: from {O})? to {V}
        {A} (?:a|avez) (?:changé|modifié) le (?:sujet|nom du groupe)(?: de {O})? (?:à|en|pour|par) {V}
        {A} (?:heeft|hebt) (?:het onderwerp|de groepsnaam) (?:gewijzigd|veranderd)?(?: ?van {O})? (?:in|naar) {V}
        {A} (?:hat|hast) (?:den Betreff|den Gruppennamen)(?: von {O})? zu {V} geändert
        {A} cambió el (?:asunto|nombre)(?: del grupo)?(?: de {O})? a {V}
        {A} (?:mudou|alterou) o (?:assunto|nome do grupo)(?: de {O})? para {V}""",
    "topic": """
        {A} (?:changed|deleted) the (?:group )?description.*|{A} (?:a|avez) (?:changé|supprimé) la description.*
        {A} (?:heeft|hebt) de groepsbeschrijving .*|{A} (?:hat|hast) die Gruppenbeschreibung .*
        {A} cambió la descripción.*|{A} (?:mudou|alterou) a descrição.*""",
    "nick": """
        {A} changed to {B}|{A} changed (?:his|her|their) phone number.*|{A} a changé de numéro.*
        {A} heeft (?:een nieuw|zijn|haar) telefoonnummer.*|{A} hat (?:die|eine neue) Telefonnummer.*
        {A} cambió (?:su|de) número.*|{A} mudou (?:seu|de) número.*""",
    "timer": """
        {A} (?:turned (?:on|off)|updated|changed) (?:disappearing messages|the message timer).*|.*(?:disappearing messages).*
        {A} (?:a|avez) .*messages éphémères.*|{A} (?:heeft|hebt) .*(?:verdwijnende|tijdelijke) berichten.*
        {A} (?:hat|hast) .*selbstlöschende .*|{A} .*mensajes temporales.*|{A} .*mensagens temporárias.*""",
    "mode": """
        (?:{B} is|You(?:'|’)re|You are) (?:now|no longer) an admin|(?:{B} est|Vous êtes) (?:maintenant|désormais) administrateur.*
        (?:{B} is|Je bent) (?:nu|geen) .*beheerder.*|(?:{B} ist|Du bist) (?:jetzt|kein).*Admin.*
        (?:{B} ahora es|Ahora eres) admin.*|(?:{B} agora é|Agora você é) (?:um )?admin.*""",
    "pin": """
        {A} pinned a message|{A} (?:a|avez) épinglé un message|{A} (?:heeft|hebt) een bericht vastgezet
        {A} (?:hat|hast) eine Nachricht angeheftet|{A} fijó un mensaje|{A} fixou uma mensagem""",
    "icon": """
        {A} (?:changed|deleted) (?:this|the) group(?:'|’)?s? (?:icon|photo).*|{A} (?:a|avez) (?:changé|supprimé) l(?:'|’)ic[ôo]ne.*
        {A} (?:heeft|hebt) (?:de|het) groeps(?:afbeelding|pictogram).*|{A} (?:hat|hast) das Gruppenbild.*
        {A} cambió (?:el ícono|el icono|la foto).*|{A} (?:mudou|alterou) (?:a imagem|o ícone|a foto).*""",
    "call": """
        Missed (?:group )?(?:voice|video) call.*|(?:Voice|Video) call[.,].*|(?:No answer|Call declined).*
        Appel (?:vocal|vidéo)(?: de groupe)? manqué.*|Gemiste (?:groeps)?(?:spraak|video|audio)?oproep.*
        Verpasster? (?:Gruppen-?)?(?:Sprach|Video)?[Aa]nruf.*|(?:Llamada|Videollamada)(?: de voz)?(?: de grupo)? perdida.*
        (?:Chamada|Ligação)(?: de (?:voz|vídeo))? perdida.*""",
    "join": """
        {A} joined (?:using|from|via|the group|the community|this group).*|{A} (?:a|avez) rejoint .*
        {A} (?:neemt nu deel|is (?:lid geworden|toegetreden)|bent lid geworden).*|{A} (?:ist|bist) .*beigetreten.*
        {A} se unió.*|{A} entrou .*""",
    "remove": """
        {A} removed {B}|You were removed.*|{B} was removed.*|{A} (?:a|avez) (?:retiré|enlevé|exclu|supprimé) {B}
        (?:Vous avez|{B} a) été (?:retiré|exclu).*|{A} (?:heeft|hebt) {B} verwijderd|(?:Je bent|{B} is) verwijderd
        {A} (?:hat|hast) {B} entfernt|(?:Du wurdest|{B} wurde) entfernt|{A} (?:eliminó|sacó) a {B}|Eliminaste a {B}
        {A} removeu {B}|(?:Você foi|{B} foi) removid.*""",
    "add": """
        {A} added you|{A} added {B}|You were added.*|{B} was added.*|{A} (?:a|avez) ajouté {B}|{A} vous a ajouté.*
        (?:Vous avez|{B} a) été ajouté.*|{A} (?:heeft|hebt) {B} toegevoegd|(?:Je bent|{B} is) toegevoegd.*
        {A} (?:hat|hast) {B} hinzugefügt|(?:Du wurdest|{B} wurde) hinzugefügt.*|{A} te (?:añadió|agregó).*
        {A} (?:añadió|agregó) a {B}|(?:Añadiste|Agregaste) a {B}|Se te (?:añadió|agregó).*|Fuiste añadid.*
        {A} adicionou {B}|(?:Você foi|{B} foi) adicionad.*""",
    "leave": """
        {A} left(?: the group)?|{A} (?:est partie?|a quitté(?: le groupe)?)|Vous (?:êtes partie?|avez quitté).*
        {A} (?:heeft|hebt) (?:de groep )?verlaten|{A} (?:hat|hast) die Gruppe verlassen
        {A} (?:salió|ha salido|abandonó)(?: del| el)?(?: grupo)?|Saliste del grupo|{A} saiu(?: do grupo)?""",
}
_KINDS = {"encryption": "other", "icon": "other"}
_PARTS = {"A": "(?P<actor>.{1,120}?)", "B": "(?P<others>.{1,2000}?)", "V": "(?P<value>.{1,500}?)", "O": ".{1,500}?"}


def _compile(sentences: str) -> tuple[re.Pattern[str], ...]:
    written = [one for line in sentences.strip().splitlines() for one in _alternatives(line.strip())]
    return tuple(re.compile(re.sub(r"\{([ABVO])\}", lambda m: _PARTS[m[1]], one) + r"\.?", re.S) for one in written)


def _alternatives(line: str) -> list[str]:
    """Splits at ``|`` outside of round brackets: each alternative names its own groups."""
    depth, parts = 0, [""]
    for char in line:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


_PATTERNS = tuple((_KINDS.get(kind, kind), pattern) for kind, text in _SENTENCES.items() for pattern in _compile(text))

_DELETED = re.compile(
    r"(?:This message was deleted(?: by admin .*)?|You deleted this message(?: as admin)?|Ce message a été supprimé.*|"
    r"Vous avez supprimé ce message|Dit bericht (?:is|werd) verwijderd|(?:Je|U) hebt? dit bericht verwijderd|"
    r"Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|Se eliminó este mensaje|Este mensaje fue eliminado|"
    r"Eliminaste este mensaje|Mensagem apagada|Esta mensagem foi apagada|(?:Você apagou|Apagou) esta mensagem|"
    r"Questo messaggio è stato eliminato|Hai eliminato questo messaggio)\.?"
)
_EDITED = re.compile(
    r"<(?:This message was edited|Ce message a été modifié|Dit bericht is bewerkt|Diese Nachricht wurde bearbeitet|"
    r"Se editó este mensaje|Mensagem editada|Esta mensagem foi editada|Questo messaggio è stato modificato)\.?>"
)
_WAITING = re.compile(
    r"(?:Waiting for this message|En attente de ce message|Wachten op dit bericht|Warten auf diese Nachricht|"
    r"Esperando (?:el|este) mensaje|Aguardando (?:esta )?mensagem)\b.{0,80}"
)
_MEDIA = re.compile(
    r"<(?:Media omitted|Médias? omis|Fichier omis|Medien (?:ausgeschlossen|weggelassen)|Media weggelaten|Multimedia omitido|"
    r"Archivo omitido|Arquivo de mídia oculto|Mídia oculta|Ficheiro (?:multimédia )?omitido|Media omessi)>"
)
_WHAT = {
    "image": "image|imagen|imagem|immagine|bild|afbeelding|photo|foto|gif",
    "video": "video|vidéo|vídeo|videonotiz|video note",
    "audio": "audio|áudio",
    "sticker": "sticker|figurinha|autocollant",
    "file": "document|documento|dokument",
    "contact": "contact card|contact|kontaktkarte|carte de contact|contactkaart|tarjeta de contacto|cartão de contato",
}
_LEFT_OUT = re.compile(
    rf"(?:(?P<name>[^\n]{{1,200}}?) • [^\n]{{0,40}}?)?(?P<what>{'|'.join(_WHAT.values())}) "
    r"(?:omitted|absente?|omise?|weggelaten|weggelassen|ausgelassen|omitid[oa]|ocultad[oa]|omess[oa])\.?",
    re.IGNORECASE,
)
_KIND_OF = {word: kind for kind, words in _WHAT.items() for word in words.split("|")}


_BEGINS = (
    "This message was deleted",
    "Ce message a été supprimé",
    "Waiting for",
    "En attente",
    "Wachten op",
    "Warten auf",
    "Esperando ",
    "Aguardando ",
)
_ENDS = (
    *("deleted", "this message", "ce message", "verwijderd", "gelöscht", "mensaje", "eliminado", "apagada", "mensagem"),
    *("eliminato", "messaggio", "omitted", "absent", "absente", "omis", "omise", "omises", "weggelaten", "weggelassen"),
    *("ausgelassen", "omitido", "omitida", "ocultado", "ocultada", "omesso", "omessa", "this message as admin"),
)


LONGEST = 3_000
"""Characters of a sentence of WhatsApp's, with the longest list of names; what is longer is not searched through."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """What a sentence tells. ``actor`` and ``others`` as written; ``you`` where the actor is the owner of the phone."""

    kind: str
    actor: str | None = None
    others: tuple[str, ...] = ()
    value: str | None = None
    you: bool = False


def told(sentence: str) -> Told | None:
    """What a sentence of WhatsApp's tells, or None where it is not one that is known."""
    if len(sentence) > LONGEST:
        return None
    bare = sentence.strip(_MARKS).replace("\u200e", "").replace("\u200f", "")
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(bare)
        if found:
            parts: dict[str, str | None] = found.groupdict()
            actor = (parts.get("actor") or "").strip(_MARKS) or None
            you = actor is not None and actor.lower() in _YOU
            others = tuple(name.strip(_QUOTES) for name in _AND.split(parts.get("others") or "") if name.strip(_QUOTES))
            others = tuple(name for name in others if name.lower() not in _YOU)
            value = (parts.get("value") or "").strip(_QUOTES) or None
            return Told(kind, None if you else actor, others, value, you)
    return None


def may_be_ours(line: str) -> bool:
    """False where no sentence of a message's state or of a left out medium can be in the line: the quick answer."""
    return line.startswith(_BEGINS) or line.rstrip(". \u200e").endswith(_ENDS) or line.startswith(("\u200e", "<"))


def is_deleted(text: str) -> bool:
    """True for ``This message was deleted`` and its kin."""
    return _DELETED.fullmatch(text.strip(_MARKS)) is not None


def is_undecryptable(text: str) -> bool:
    """True for ``Waiting for this message``: it came, and could not be decrypted yet."""
    return _WAITING.fullmatch(text.strip(_MARKS)) is not None


def is_edited(text: str) -> tuple[str, str] | None:
    """The text without its mark, and the mark, for a text that ends with ``<This message was edited>``."""
    at = text.rfind("<", -80) if text.endswith(">") else -1
    if at < 0 or not _EDITED.fullmatch(text, at):
        return None
    return text[:at].rstrip(" \n\u200e"), text[at:]


def omitted(text: str) -> tuple[str, str | None] | None:
    """``(kind, name)`` of a medium that was left out of the export, or None."""
    bare = text.strip(_MARKS)
    if _MEDIA.fullmatch(bare):
        return "file", None
    found = _LEFT_OUT.fullmatch(bare)
    return (_KIND_OF[found["what"].lower()], found["name"]) if found else None
