"""French: what a phone tells by itself, and the pictures compared aloud."""

__all__ = ["ALARMS", "PICTURES"]

ALARMS: dict[str, str] = {
    "{loud}: {text}": "{loud} : {text}",
    "ALARM": "ALARME",
    "WARNING": "ATTENTION",
    "NOTE": "NOTE",
    "Both signed checkpoints lie in {first} and {second}.": "Les deux points de contrôle signés sont dans {first} et {second}.",
    "Their own master key signed this.": "C’est signé par sa propre clé maîtresse.",
    "Their last word was {day}, {clock}.": "Leur dernier signe : {day}, {clock}.",
    "{name} was shown another one than you.": "{name} en a vu un autre que vous.",
    "Its hash is {hash}.": "Son empreinte est {hash}.",
    "This phone has never seen a checkpoint that enough witnesses signed.": (
        "Ce téléphone n’a jamais vu de point de contrôle signé par assez de témoins."
    ),
    "{count} letter from {who} is missing.": "Il manque {count} lettre de {who}.",
    "{count} letters from {who} are missing.": "Il manque {count} lettres de {who}.",
    "{count} letter from {who} could not be read. A new session was asked for.": (
        "{count} lettre de {who} n’a pas pu être lue. Une nouvelle session est demandée."
    ),
    "{count} letters from {who} could not be read. A new session was asked for.": (
        "{count} lettres de {who} n’ont pas pu être lues. Une nouvelle session est demandée."
    ),
    "{total} letters from {who} could not be read. A new session was asked for.": (
        "{total} lettres de {who} n’ont pas pu être lues. Une nouvelle session est demandée."
    ),
    "{count} letter came from a device that belongs to none of your contacts. It was not opened.": (
        "{count} lettre est venue d’un appareil d’aucun de vos contacts. Elle n’a pas été ouverte."
    ),
    "{count} letters came from devices that belong to none of your contacts. They were not opened.": (
        "{count} lettres sont venues d’appareils d’aucun de vos contacts. Elles n’ont pas été ouvertes."
    ),
    "The devices of {who} changed: {added} added, {removed} removed.": (
        "Les appareils de {who} ont changé : {added} de plus, {removed} de moins."
    ),
    "The devices of {who} changed: {added} added, {removed} removed. Your messages wait.": (
        "Les appareils de {who} ont changé : {added} de plus, {removed} de moins. Vos messages attendent."
    ),
    "The log holds an entry in the name of {who} that they did not sign. Nothing is sent to them any more.": (
        "Le journal contient une entrée au nom de {who} que cette personne n’a pas signée. Plus rien ne lui est envoyé."
    ),
    "Somebody listed devices in your name: entry {entry} of the log was not sent by a phone of yours.": (
        "Quelqu’un a inscrit des appareils à votre nom : l’entrée {entry} du journal ne vient d’aucun de vos téléphones."
    ),
    "The witnesses of the log have not been heard for over an hour.": (
        "Les témoins du journal n’ont donné aucun signe depuis plus d’une heure."
    ),
    "The witnesses of the log have not been heard for three hours or more. Somebody may keep the log from this phone.": (
        "Les témoins du journal n’ont donné aucun signe depuis trois heures ou plus. "
        "Quelqu’un cache peut-être le journal à ce téléphone."
    ),
    "The log showed two different histories. Both signed checkpoints are kept: together they prove it.": (
        "Le journal a montré deux histoires différentes. Les deux points de contrôle signés sont gardés : ensemble, "
        "ils le prouvent."
    ),
    "The log shows less than it had shown before.": "Le journal montre moins qu’il n’avait montré.",
    "Your message to {who} is not delivered.": "Votre message à {who} n’est pas remis.",
    "Your message to {who} is not delivered: the relay has not taken it.": (
        "Votre message à {who} n’est pas remis : le relais ne l’a pas pris."
    ),
    "Your message to {who} is not delivered: no device of theirs has said that it arrived.": (
        "Votre message à {who} n’est pas remis : aucun de ses appareils n’a dit l’avoir reçu."
    ),
    "Your message to {who} is not delivered: their mailbox does not take letters from you now.": (
        "Votre message à {who} n’est pas remis : sa boîte ne prend pas de lettres de vous en ce moment."
    ),
    "Your message to {who} is not delivered: their device is gone.": (
        "Votre message à {who} n’est pas remis : son appareil n’existe plus."
    ),
    "The phone of {who} was put back to an earlier state.": "Le téléphone de {who} a été remis dans un état antérieur.",
    "A device that says it is of {who} is not in the log. Its letters were dropped.": (
        "Un appareil qui se dit à {who} n’est pas dans le journal. Ses lettres ont été écartées."
    ),
    "The relay handed out keys for {who} that are not those in the log. They were not used.": (
        "Le relais a donné pour {who} des clés qui ne sont pas celles du journal. Elles n’ont pas servi."
    ),
    "You were made a member of the team {name}. Its policy binds no chat of yours until you join.": (
        "On a fait de vous un membre de l’équipe {name}. Sa règle n’engage aucune de vos conversations "
        "tant que vous ne la rejoignez pas."
    ),
    "Read the policy, ask whoever made the team, and join it, or let it be.": (
        "Lisez la règle, demandez à qui a fait l’équipe, et rejoignez-la, ou laissez-la."
    ),
    "The admins of the team {name} signed two different policies of version {version}.": (
        "Les responsables de l’équipe {name} ont signé deux règles différentes de version {version}."
    ),
    "The program that runs here is not a release that the log shows.": (
        "Le programme qui tourne ici n’est pas une version que montre le journal."
    ),
    "A newer release is in the log: {product} {version}.": "Une version plus récente est dans le journal : {product} {version}.",
    "The clock of the relay and the one of this phone differ by {minutes} minutes.": (
        "L’horloge du relais et celle de ce téléphone diffèrent de {minutes} minutes."
    ),
    "The clocks of the witnesses are {minutes} minutes ahead of the one of this phone.": (
        "Les horloges des témoins avancent de {minutes} minutes sur celle de ce téléphone."
    ),
    "The clock of {who} is {minutes} minutes ahead of the one of this phone.": (
        "L’horloge de {who} avance de {minutes} minutes sur celle de ce téléphone."
    ),
    "The log took the device list of this phone and has not shown it for an hour or more.": (
        "Le journal a pris la liste d’appareils de ce téléphone et ne la montre pas depuis une heure ou plus."
    ),
    "Ask the operator by another way: until it is shown, new devices get no letters, and revoked ones still do.": (
        "Demandez à l’opérateur par une autre voie : tant qu’elle n’est pas montrée, les nouveaux appareils ne reçoivent rien, "
        "et les appareils révoqués reçoivent encore."
    ),
    "The log does not take the device list of this phone: {why}": (
        "Le journal ne prend pas la liste d’appareils de ce téléphone : {why}"
    ),
    "The mailbox is more than a month old and there is no token for another.": (
        "La boîte a plus d’un mois et il n’y a pas de jeton pour une autre."
    ),
    "The certificate of this device ends in {days} days.": "Le certificat de cet appareil expire dans {days} jours.",
    "Ask them by another way whether they have a new phone; then accept the change.": (
        "Demandez-lui par une autre voie s’il y a un nouveau téléphone ; puis acceptez le changement."
    ),
    "Meet or call them by another way, and tell your operator.": (
        "Rencontrez ou appelez cette personne par une autre voie, et prévenez votre opérateur."
    ),
    "If you made a new phone with your backup code, this is it. If not, tell your contacts and your operator now.": (
        "Si vous avez fait un nouveau téléphone avec votre code de secours, c’est lui. Sinon, prévenez maintenant "
        "vos contacts et votre opérateur."
    ),
    "Nothing yet; it is looked at again every few minutes.": "Rien encore ; on regarde de nouveau toutes les quelques minutes.",
    "Do not trust new devices of anybody, and ask the operator by another way.": (
        "Ne vous fiez à aucun nouvel appareil de personne, et demandez à l’opérateur par une autre voie."
    ),
    "Keep both checkpoints and show them to your operator and to the witnesses.": (
        "Gardez les deux points de contrôle et montrez-les à votre opérateur et aux témoins."
    ),
    "Ask the operator by another way whether the log was changed.": (
        "Demandez à l’opérateur par une autre voie si le journal a été changé."
    ),
    "Wait, or send it again; it is shown once.": "Attendez, ou renvoyez-le ; il ne s’affiche qu’une fois.",
    "They were asked for again. If they stay away, ask what was in them.": (
        "Elles sont redemandées. Si elles n’arrivent pas, demandez ce qu’elles disaient."
    ),
    "If this goes on, compare safety codes.": "Si cela continue, comparez les codes de sûreté.",
    "Ask them whether they restored a copy of their phone; a copy can be somebody else's.": (
        "Demandez-lui si une copie de son téléphone a été remise ; une copie peut être aux mains d’un autre."
    ),
    "Nothing, unless you expected somebody: then make a new invite.": (
        "Rien, sauf si vous attendiez quelqu’un : faites alors une nouvelle invitation."
    ),
    "Ask them whether their phone is connected.": "Demandez-lui si son téléphone est connecté.",
    "Tell your operator.": "Prévenez votre opérateur.",
    "Ask the admins which one holds. Neither is followed any further.": (
        "Demandez aux responsables laquelle vaut. Aucune n’est plus suivie."
    ),
    "Stop writing, and get the program again from a source you trust.": (
        "Cessez d’écrire, et reprenez le programme d’une source sûre."
    ),
    "Install it when its waiting time is over.": "Installez-la quand son délai est passé.",
    "Check the date and time of this device.": "Vérifiez la date et l’heure de cet appareil.",
    "Ask the operator for a new leave; until then nobody can write to this phone.": (
        "Demandez à l’opérateur une nouvelle autorisation ; d’ici là, personne ne peut écrire à ce téléphone."
    ),
    "Ask the operator for tokens and paste their line: s, then k; line by line: /tokens LINE.": (
        "Demandez des jetons à l’opérateur et collez sa ligne : s, puis k ; ligne par ligne : /tokens LIGNE."
    ),
    "Renew it with the backup code.": "Renouvelez-le avec le code de secours.",
}

PICTURES: dict[str, str] = {
    "horse": "cheval", "cow": "vache", "sheep": "mouton", "dog": "chien",
    "cat": "chat", "rabbit": "lapin", "fox": "renard", "bear": "ours",
    "lion": "lion", "elephant": "éléphant", "camel": "chameau", "owl": "hibou",
    "duck": "canard", "fish": "poisson", "octopus": "pieuvre", "turtle": "tortue",
    "bee": "abeille", "butterfly": "papillon", "snail": "escargot", "cactus": "cactus",
    "sunflower": "tournesol", "clover": "trèfle", "mushroom": "champignon", "fir": "sapin",
    "apple": "pomme", "banana": "banane", "grapes": "raisin", "strawberry": "fraise",
    "lemon": "citron", "carrot": "carotte", "corn": "maïs", "onion": "oignon",
    "bread": "pain", "cheese": "fromage", "egg": "œuf", "honey": "miel",
    "coffee": "café", "fire": "feu", "snowflake": "flocon", "rainbow": "arc-en-ciel",
    "umbrella": "parapluie", "lightning": "éclair", "moon": "lune", "star": "étoile",
    "globe": "globe", "mountain": "montagne", "house": "maison", "castle": "château",
    "sailboat": "voilier", "bicycle": "vélo", "train": "train", "tractor": "tracteur",
    "balloon": "ballon", "trumpet": "trompette", "guitar": "guitare", "drum": "tambour",
    "key": "clé", "bell": "cloche", "anchor": "ancre", "scissors": "ciseaux",
    "hammer": "marteau", "candle": "bougie", "book": "livre", "hourglass": "sablier",
}  # fmt: skip
