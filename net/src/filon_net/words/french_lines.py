"""French: the phone line by line, and the commands around it."""

__all__ = ["LINES"]

LINES: dict[str, str] = {
    "filon-net, line by line. /help shows the commands, /quit leaves.": (
        "filon-net, ligne par ligne. /help montre les commandes, /quit quitte."
    ),
    "Conversation with {name}.": "Conversation avec {name}.",
    "You": "Vous",
    "Nobody yet. /invite invites somebody, /answer LINK answers an invite.": (
        "Personne encore. /invite invite quelqu’un, /answer LIEN répond à une invitation."
    ),
    "[{count} more characters: /whole]": "[encore {count} caractères : /whole]",
    "What to do: {step}": "Que faire : {step}",
    "-- the log shows this device --": "-- le journal montre cet appareil --",
    "[new] {name}: {text}": "[nouveau] {name} : {text}",
    "verified": "vérifié",
    "not verified": "non vérifié",
    "disappearing": "éphémère",
    "unread: {count}": "non lus : {count}",
    "-- {name} is a contact now --": "-- {name} est maintenant un contact --",
    "There is no such command. /help shows all.": "Cette commande n’existe pas. /help les montre toutes.",
    "Read them to each other by voice. All the same: /yes. Not the same: /no.": (
        "Lisez-les-vous de vive voix. Tous pareils : /yes. Pas pareils : /no."
    ),
    "-- {name} is verified --": "-- {name} est vérifié --",
    "-- {name} is NOT verified --": "-- {name} N’EST PAS vérifié --",
    "-- relay connected --": "-- relais connecté --",
    "-- relay NOT connected --": "-- relais NON connecté --",
    "the commands": "les commandes",
    "the conversations": "les conversations",
    "open a conversation by number or name; new messages in it are read": (
        "ouvrir une conversation par numéro ou nom ; ses nouveaux messages sont lus"
    ),
    "more of the open conversation": "davantage de la conversation ouverte",
    "the last message that was cut, whole": "le dernier message coupé, en entier",
    "a link and a QR code for one person": "un lien et un code QR pour une personne",
    "answer an invite": "répondre à une invitation",
    "fingerprint and state of the contact": "empreinte et état du contact",
    "compare emoji with the contact": "comparer les émojis avec le contact",
    "the emoji are the same": "les émojis sont les mêmes",
    "they differ": "ils diffèrent",
    "the digits to compare instead": "les chiffres à comparer à la place",
    "what the code on their screen says": "ce que dit le code sur son écran",
    "accept the contact's changed devices": "accepter les appareils changés du contact",
    "block the contact": "bloquer le contact",
    "take the block back": "lever le blocage",
    "the name this phone shows": "le nom que montre ce téléphone",
    "messages disappear so long after reading: 30s 5m 12h 7d 4w, 0 for never": (
        "les messages disparaissent tant après lecture : 30s 5m 12h 7d 4w, 0 pour jamais"
    ),
    "send again what was not delivered": "renvoyer ce qui n’a pas été remis",
    "your devices": "vos appareils",
    "link a new device": "lier un nouvel appareil",
    "remove a device": "retirer un appareil",
    "receipts": "accusés",
    "every alarm in full": "chaque alarme en entier",
    "acknowledge an alarm": "prendre acte d’une alarme",
    "relay, log, unreadable letters": "relais, journal, lettres illisibles",
    "leave": "quitter",
    "Every other line is a message to the open conversation.": (
        "Toute autre ligne est un message à la conversation ouverte."
    ),
    "As a QR code: {path}; erase it when it was used.": "En code QR : {path} ; effacez-le quand il a servi.",
    "The other phone shows the same digits. If they scan instead, give them this:": (
        "L’autre téléphone montre les mêmes chiffres. S’il préfère lire un code, donnez ceci :"
    ),
    "Accepted; what was held leaves now.": "Accepté ; ce qui attendait part maintenant.",
    "The block is taken back.": "Le blocage est levé.",
    "This phone calls them {name}.": "Ce téléphone l’appelle {name}.",
    "Contacts stop writing to it as soon as the log shows this.": (
        "Vos contacts cessent de lui écrire dès que le journal le montre."
    ),
    "The operator's leave, a link": "L’autorisation de l’opérateur, un lien",
    "Once more": "Encore une fois",
    "Take it?": "Le prendre ?",
    "A PIN stops a finder, only a passphrase stops a laboratory.": (
        "Un code PIN arrête qui trouve le téléphone, seule une phrase secrète arrête un laboratoire."
    ),
    "Measured here: {milliseconds} ms and {mebibytes} MiB for each guess.": (
        "Mesuré ici : {milliseconds} ms et {mebibytes} Mio par essai."
    ),
    "Counted as {bits} bits, it is found after {one} on one core like this, {hundred} on a hundred.": (
        "Compté pour {bits} bits, il est trouvé en {one} sur un cœur comme celui-ci, en {hundred} sur cent."
    ),
    "This stops a finder, not a laboratory.": "Cela arrête qui trouve le téléphone, pas un laboratoire.",
    "If it was drawn at random, a laboratory does not find it; if it is a phrase from a book or a song, it does.": (
        "Tirée au hasard, un laboratoire ne la trouve pas ; prise d’un livre ou d’une chanson, il la trouve."
    ),
    "{count} years": "{count} ans",
    "10^{power} years": "10^{power} ans",
    "Write this backup code on paper. It is shown once; who has it is you:": (
        "Écrivez ce code de secours sur papier. Il n’est montré qu’une fois ; qui l’a, c’est vous :"
    ),
    "The backup code is in {path}.": "Le code de secours est dans {path}.",
    "Open it with: filon-net phone open {path}": "Pour l’ouvrir : filon-net phone open {path}",
}
