"""French: the screens of the phone, times, states."""

__all__ = ["SCREENS"]

SCREENS: dict[str, str] = {
    "{weekday} {day} {month}": "{weekday} {day} {month}",
    "Monday": "lundi", "Tuesday": "mardi", "Wednesday": "mercredi", "Thursday": "jeudi",
    "Friday": "vendredi", "Saturday": "samedi", "Sunday": "dimanche",
    "January": "janvier", "February": "février", "March": "mars", "April": "avril", "May": "mai", "June": "juin",
    "July": "juillet", "August": "août", "September": "septembre", "October": "octobre", "November": "novembre",
    "December": "décembre",
    "Today": "Aujourd’hui",
    "Yesterday": "Hier",
    "yesterday": "hier",
    "{count} second": "{count} seconde",
    "{count} seconds": "{count} secondes",
    "{count} minute": "{count} minute",
    "{count} minutes": "{count} minutes",
    "{count} hour": "{count} heure",
    "{count} hours": "{count} heures",
    "{count} day": "{count} jour",
    "{count} days": "{count} jours",
    "{count} message is missing here": "il manque {count} message ici",
    "{count} messages are missing here": "il manque {count} messages ici",
    "somebody": "quelqu’un",
    "You: ": "Vous : ",
    "no messages yet": "pas encore de message",
    "false entry in the log": "fausse entrée au journal",
    "keys changed: messages wait": "clés changées : envois retenus",
    "waiting for the log": "en attente du journal",
    "blocked": "bloqué",
    "waiting": "en attente",
    "held until you accept their new keys": "retenu jusqu’à ce que vous acceptiez ses nouvelles clés",
    "handed to relay": "confié au relais",
    "delivered": "remis",
    "read": "lu",
    "NOT DELIVERED": "NON REMIS",
    "came late": "arrivé en retard",
    "gone in {time}": "disparaît dans {time}",
    "disappears {time} after reading": "disparaît {time} après lecture",
    "Your messages disappear {time} after reading": "Vos messages disparaissent {time} après lecture",
    "Your messages do not disappear any more": "Vos messages ne disparaissent plus",
    "Messages of {name} disappear {time} after reading": "Les messages de {name} disparaissent {time} après lecture",
    "Messages of {name} do not disappear any more": "Les messages de {name} ne disparaissent plus",
    "Messages disappear {time} after reading.": "Les messages disparaissent {time} après lecture.",
    "Messages do not disappear.": "Les messages ne disparaissent pas.",
    "relay connected": "relais connecté",
    "relay NOT connected": "relais NON connecté",
    "waiting to be listed in the log": "en attente d’inscription au journal",
    "log never seen": "journal jamais vu",
    "log {age} old, {count} of {all} witnesses": "journal : {age}, {count} témoins sur {all}",
    "unreadable: {count}": "illisibles : {count}",
    "The program made a mistake and stopped; nothing that was acknowledged is lost. Please pass this on:": (
        "Le programme a fait une erreur et s’est arrêté ; rien de ce qui fut confirmé n’est perdu. Merci de transmettre ceci :"
    ),
    "This phone is locked": "Ce téléphone est verrouillé",
    "PIN or passphrase": "Code PIN ou phrase secrète",
    "Enter opens it, Ctrl+Q leaves.": "Entrée l’ouvre, Ctrl+Q quitte.",
    "Opening …": "Ouverture …",
    "{count} notice": "{count} avis",
    "{count} notices": "{count} avis",
    "No alarms": "Aucune alarme",
    "Nothing waits for you here.": "Rien ne vous attend ici.",
    "{number} of {count}": "{number} sur {count}",
    "Since {when}.": "Depuis : {when}.",
    "I have read this: take it away": "je l’ai lu : l’enlever",
    "open the contact": "ouvrir le contact",
    "next": "suivant",
    "Compare emoji with {name}": "Comparer les émojis avec {name}",
    "Compare numbers with {name}": "Comparer les chiffres avec {name}",
    "✓ Verified.": "✓ Vérifié.",
    "Not verified. If the emoji differed, somebody may sit between you: do not write here, and tell the operator.": (
        "Non vérifié. Si les émojis différaient, quelqu’un est peut-être entre vous : n’écrivez pas ici et prévenez "
        "l’opérateur."
    ),
    "Waiting for the other phone. It must be online.": "En attente de l’autre téléphone. Il doit être connecté.",
    "Read these aloud to each other, by voice or side by side; not over this chat.": (
        "Lisez-les-vous à haute voix, au téléphone ou côte à côte ; pas par cette conversation."
    ),
    "Are all seven the same, in the same order?": "Les sept sont-ils les mêmes, dans le même ordre ?",
    "yes, all the same": "oui, tous pareils",
    "no, they differ": "non, ils diffèrent",
    "{name} sees the same digits under the same heading. Read them to each other, or let their phone scan the QR code.": (
        "{name} voit les mêmes chiffres sous le même titre. Lisez-les-vous, ou faites lire le code QR à son téléphone."
    ),
    "type or paste what I scanned from their screen": "taper ou coller ce que j’ai lu sur son écran",
    "What the code on their screen says": "Ce que dit le code sur son écran",
    "save the QR code as a picture": "enregistrer le code QR comme image",
    "Saved as {path}": "Enregistré : {path}",
    "Saved as {path}; erase it when it was used.": "Enregistré : {path} ; effacez-le quand il a servi.",
    "Invite somebody": "Inviter quelqu’un",
    "Asking the relay to let an answer in …": "Le relais est prié d’admettre une réponse …",
    "For one person, once, within 14 days. It is a secret until it was answered: "
    "give it in person or over a way you trust, and verify afterwards.": (
        "Pour une personne, une fois, sous 14 jours. C’est un secret jusqu’à la réponse : donnez-le en personne ou par "
        "une voie sûre, et vérifiez ensuite."
    ),
    "The link, to be copied whole:": "Le lien, à copier en entier :",
    "copy the link (other programs can then read it)": "copier le lien (d’autres programmes peuvent alors le lire)",
    "The terminal was asked to copy it.": "Le terminal est prié de le copier.",
    "Answer an invite": "Répondre à une invitation",
    "Paste the link, whole. Only answer an invite you got from the person themselves.": (
        "Collez le lien, en entier. Ne répondez qu’à une invitation reçue de la personne elle-même."
    ),
    "Answered. The conversation opens when the log shows the other side, within a minute or so.": (
        "Répondu. La conversation s’ouvre quand le journal montre l’autre, d’ici une minute environ."
    ),
    "This message is gone": "Ce message n’est plus là",
    "You wrote": "Vous avez écrit",
    "{name} wrote": "{name} a écrit",
    "send again": "renvoyer",
    "erase on this phone": "effacer sur ce téléphone",
    "Your devices": "Vos appareils",
    "The log does not show this device yet.": "Le journal ne montre pas encore cet appareil.",
    "(this one)": "(celui-ci)",
    "Your contacts see every change of this list. A number here that you do not know is an alarm.": (
        "Vos contacts voient tout changement de cette liste. Un numéro que vous ne connaissez pas est une alarme."
    ),
    "On the new device, within half an hour:": "Sur le nouvel appareil, sous une demi-heure :",
    "It asks for your backup code and for the operator's leave. The link:": (
        "Il demande votre code de secours et l’autorisation de l’opérateur. Le lien :"
    ),
    "renew this device's certificate for a year": "renouveler d’un an le certificat de cet appareil",
    "Which device goes?": "Quel appareil s’en va ?",
    "Its number in the list. Contacts stop writing to it as soon as the log shows this.": (
        "Son numéro dans la liste. Vos contacts cessent de lui écrire dès que le journal le montre."
    ),
    "There is no device of this number.": "Il n’y a pas d’appareil de ce numéro.",
    "Backup code": "Code de secours",
    "From the paper; it is not kept.": "Celui du papier ; il n’est pas gardé.",
    "Fingerprint of the master key": "Empreinte de la clé maîtresse",
    "{count} device in the log": "{count} appareil au journal",
    "{count} devices in the log": "{count} appareils au journal",
    "✓ Verified: you compared keys with this person.": "✓ Vérifié : vous avez comparé les clés avec cette personne.",
    "Not verified. The invite was a secret while it was open; comparing makes sure nobody used it first.": (
        "Non vérifié. L’invitation était un secret tant qu’elle était ouverte ; comparer assure que personne ne s’en est "
        "servi avant."
    ),
    "Their devices changed. Your messages wait until you accept the change.": (
        "Ses appareils ont changé. Vos messages attendent que vous l’acceptiez."
    ),
    "The log holds an entry in their name that they did not sign. Nothing is sent to them.": (
        "Le journal contient une entrée à son nom qu’elle n’a pas signée. Rien n’est envoyé à cette personne."
    ),
    "The log has not shown this person yet: nothing is sent, nothing is shown.": (
        "Le journal n’a pas encore montré cette personne : rien n’est envoyé, rien n’est affiché."
    ),
    "Blocked: they cannot write to you, and nothing of theirs is read.": (
        "Bloqué : cette personne ne peut pas vous écrire, et rien d’elle n’est lu."
    ),
    "accept the change: they told me by another way": "accepter le changement : je l’ai su par une autre voie",
    "compare emoji, by voice or side by side": "comparer des émojis, de vive voix ou côte à côte",
    "compare numbers or scan a QR code": "comparer des chiffres ou lire un code QR",
    "rename on this phone": "renommer sur ce téléphone",
    "New name": "Nouveau nom",
    "Only this phone shows it. Empty for the name they chose.": (
        "Ce téléphone seul le montre. Vide pour le nom que la personne a choisi."
    ),
    "block": "bloquer",
    "Settings": "Réglages",
    "on": "oui",
    "off": "non",
    "(none)": "(aucun)",
    "Name your contacts see: {name}": "Nom que voient vos contacts : {name}",
    "Name your contacts see": "Nom que voient vos contacts",
    "Receipts of arrival: {state}. Without them nobody can tell that a message of theirs was lost.": (
        "Accusés d’arrivée : {state}. Sans eux, personne ne sait qu’un de ses messages s’est perdu."
    ),
    "Receipts of reading: {state}. They tell when you were at the phone.": (
        "Accusés de lecture : {state}. Ils disent quand vous étiez au téléphone."
    ),
    "Teams": "Équipes",
    "No team has a policy for this phone.": "Aucune équipe n’a de règle pour ce téléphone.",
    "Team {name}, policy {version}:": "Équipe {name}, règle {version} :",
    "{count} member,": "{count} membre,",
    "{count} members,": "{count} membres,",
    "{needed} of {admins} admins must sign a change.": "{needed} responsables sur {admins} doivent signer un changement.",
    "A legal hold lies on it: nothing disappears between members, and nothing may be erased.": (
        "Elle est sous séquestre : rien ne disparaît entre membres, et rien ne peut être effacé."
    ),
    "Messages stay for at least {time}.": "Les messages restent au moins {time}.",
    "Timers are everybody's own choice.": "Les délais sont au choix de chacun.",
    "change the name": "changer le nom",
    "receipts of arrival on or off": "accusés d’arrivée oui ou non",
    "receipts of reading on or off": "accusés de lecture oui ou non",
    "light or dark": "clair ou sombre",
    "Disappearing messages with {name}": "Messages éphémères avec {name}",
    "never": "jamais",
    "Yours: {time} after reading": "Votre délai : {time} après lecture",
    "Yours: {time}": "Votre délai : {time}",
    "Theirs: {time} after reading": "Son délai : {time} après lecture",
    "Theirs: {time}": "Son délai : {time}",
    "The shorter of both counts. A message that disappeared is erased on both phones; "
    "who photographed the screen still has it.": (
        "Le plus court des deux vaut. Un message disparu est effacé des deux téléphones ; qui a photographié l’écran l’a encore."
    ),
    "another time": "une autre durée",
    "After what time?": "Après quelle durée ?",
    "Write it as 30s, 5m, 12h, 7d or 4w; a year is the most.": "Écrivez 30s, 5m, 12h, 7d ou 4w ; un an au plus.",
    "! shows what to do": "! montre que faire",
    "and {count} more": "et {count} de plus",
    "… cut: Enter shows all of it": "… coupé : Entrée montre tout",
    "older messages: arrow up": "messages plus anciens : flèche haut",
    "Choose a conversation, ? shows the keys": "Choisissez une conversation, ? montre les touches",
    "✓ verified": "✓ vérifié",
    "not verified: F2": "non vérifié : F2",
    "This text has {count} characters; a message holds {most}.": "Ce texte a {count} caractères ; un message en tient {most}.",
    "Nobody yet.\nn invites somebody,\na answers an invite.": "Personne encore.\nn invite quelqu’un,\na répond à une\ninvitation.",
    "r send again": "r renvoyer",
    "Enter whole message   ↑↓ choose   Esc write": "Entrée en entier   ↑↓ choisir   Échap écrire",
    "Enter send   Ctrl+J new line   ↑ messages   Esc list   F1 keys   F2 contact   F3 timer   F8 alarms": (
        "Entrée envoyer   Ctrl+J ligne   ↑ messages   Échap liste   F1 touches   F2 contact   F3 délai   F8 alarmes"
    ),
    "Enter open   n invite   a answer   c contact   t timer   d devices   s settings   ! alarms   ? keys   q quit": (
        "Entrée ouvrir   n inviter   a répondre   c contact   t délai   d appareils   s réglages   ! alarmes   ? touches   q fin"
    ),
    "Keys": "Touches",
    "Marks": "Marques",
    "from the list to the messages to the writing line, and back": "de la liste aux messages à la ligne d’écriture, et retour",
    "open a conversation, send a message, show a message whole": "ouvrir une conversation, envoyer, montrer en entier",
    "a new line while writing": "une nouvelle ligne en écrivant",
    "↑ in the first line": "↑ en première ligne",
    "choose a message; ↑ at the top loads older ones": "choisir un message ; ↑ tout en haut charge les plus anciens",
    "r on a message": "r sur un message",
    "send again what was not delivered": "renvoyer ce qui n’a pas été remis",
    "Tab, Shift+Tab": "Tab, Maj+Tab",
    "Enter": "Entrée",
    "Esc": "Échap",
    "back": "retour",
    "invite somebody": "inviter quelqu’un",
    "the contact: fingerprint, verify, block": "le contact : empreinte, vérifier, bloquer",
    "disappearing messages": "messages éphémères",
    "alarms": "alarmes",
    "this page": "cette page",
    "leave; the phone stays encrypted on the disk": "quitter ; le téléphone reste chiffré sur le disque",
    "verified by comparing keys": "vérifié en comparant les clés",
    "messages disappear": "les messages disparaissent",
    "three unread": "trois non lus",
    "not at the relay yet": "pas encore au relais",
    "the relay has it, sealed": "le relais l’a, scellé",
    "a device of theirs has it; this is told some minutes later, on purpose": (
        "un de ses appareils l’a ; dit quelques minutes plus tard, exprès"
    ),
    "the QR code alone": "le code QR seul",
    "A window of {columns} columns and {rows} lines would show it; p saves it as a picture.": (
        "Il faudrait une fenêtre de {columns} colonnes et {rows} lignes ; p l’enregistre comme image."
    ),
    "no sign of arrival within the stated time; it may still arrive": (
        "aucun signe d’arrivée dans le délai dit ; il peut encore arriver"
    ),
}  # fmt: skip
