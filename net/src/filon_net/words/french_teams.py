"""French: teams and their policies, tokens of the operator."""

__all__ = ["TEAMS"]

_LINES: dict[str, str] = {
    "Joined: the policy binds this phone, and so does every change its admins sign.": (
        "Rejointe : la règle engage ce téléphone, comme tout changement que ses responsables signent."
    ),
    "You have not joined: this policy binds no chat on this phone. Joined, it would say:": (
        "Vous ne l’avez pas rejointe : cette règle n’engage aucune conversation de ce téléphone. Rejointe, elle dirait :"
    ),
    "join: let the policy bind this phone": "rejoindre : que la règle engage ce téléphone",
    "let a team's policy bind this phone, by its number in /teams": (
        "que la règle d’une équipe engage ce téléphone, par son numéro dans /teams"
    ),
    "open the team": "ouvrir l’équipe",
    "Not joined.": "Pas rejointe.",
    "-- team {name} has a new policy --": "-- l’équipe {name} a une nouvelle règle --",
    "/force puts it into force and passes it on to the members.": "/force la met en vigueur et la transmet aux membres.",
    "/set changes it, /ready shows it in words, to be signed.": "/set la modifie, /ready la montre en mots, à signer.",
    "If this is what you want: /sign signs it.": "Si c’est ce que vous voulez : /sign la signe.",
    "Said; only this phone shows it.": "Noté ; ce téléphone seul le montre.",
    "The draft is thrown away on this phone.": "Le projet est jeté sur ce téléphone.",
    "a policy or a draft in full, by its number in /teams": "une règle ou un projet en entier, par son numéro dans /teams",
    "begin a change of a team's policy": "commencer un changement de la règle d’une équipe",
    "begin the policy of a new team": "commencer la règle d’une nouvelle équipe",
    "change what is being made: name, members, admins, how many sign, least time, hold": (
        "modifier ce qui se prépare : nom, membres, responsables, combien signent, durée minimale, séquestre"
    ),
    "name, receipts, tokens, teams": "nom, accusés, jetons, équipes",
    "put the draft into force, where enough admins signed it": (
        "mettre le projet en vigueur, si assez de responsables l’ont signé"
    ),
    "save the draft's line as a file": "enregistrer la ligne du projet comme fichier",
    "say whose an admin's key is, its sixteen groups and a name; only this phone shows it": (
        "dire à qui est la clé d’un responsable, ses seize groupes et un nom ; ce téléphone seul le montre"
    ),
    "show a draft in words; without a line, the last one of the open conversation": (
        "montrer un projet en mots ; sans ligne, le dernier de la conversation ouverte"
    ),
    "show what was made as a draft in words, to be signed": "montrer en mots le projet préparé, à signer",
    "sign the draft that was shown last": "signer le projet montré en dernier",
    "teams and drafts of their policies": "équipes et projets de leurs règles",
    "tokens for mailboxes to come: how many are left, or take in the operator's line": (
        "jetons des boîtes à venir : combien il en reste, ou prendre la ligne de l’opérateur"
    ),
    "write the draft into the open conversation": "écrire le projet dans la conversation ouverte",
    "your key as an admin of teams; send writes it into the open conversation": (
        "votre clé de responsable d’équipes ; send l’écrit dans la conversation ouverte"
    ),
}

_TOKENS: dict[str, str] = {
    "{count} token is left; a new mailbox takes one every month.": (
        "Il reste {count} jeton ; une nouvelle boîte en prend un chaque mois."
    ),
    "{count} tokens are left; a new mailbox takes one every month.": (
        "Il reste {count} jetons ; une nouvelle boîte en prend un chaque mois."
    ),
    "The last is good until: {day}.": "Le dernier vaut jusqu’au : {day}.",
    "No token is left: the mailbox cannot be changed next month. Ask the operator for tokens (filon-net://tokens/…).": (
        "Il ne reste aucun jeton : la boîte ne pourra pas changer le mois prochain. Demandez des jetons à l’opérateur "
        "(filon-net://tokens/…)."
    ),
    "{count} token taken in.": "{count} jeton pris.",
    "{count} tokens taken in.": "{count} jetons pris.",
    "Tokens from the operator": "Jetons de l’opérateur",
    "take in tokens from the operator": "prendre des jetons de l’opérateur",
    "Paste the operator's line, whole; it begins with filon-net://tokens/.": (
        "Collez la ligne de l’opérateur, en entier ; elle commence par filon-net://tokens/."
    ),
    "Each phone needs a line of its own: a token serves one mailbox, once.": (
        "Chaque téléphone a besoin de sa propre ligne : un jeton sert à une boîte, une fois."
    ),
    "settings, tokens from the operator": "réglages, jetons de l’opérateur",
}

_SCREENS: dict[str, str] = {
    "A change of a team's policy": "Un changement de la règle d’une équipe",
    "A new team": "Une nouvelle équipe",
    "A team's policy": "La règle d’une équipe",
    "Team {name}, policy {version}": "Équipe {name}, règle {version}",
    "Team {name} has a new policy: T shows it.": "L’équipe {name} a une nouvelle règle : T la montre.",
    "Draft for team {name}, policy {version}": "Projet pour l’équipe {name}, règle {version}",
    "Draft of a new team: {name}": "Projet d’une nouvelle équipe : {name}",
    "On their way, not in force": "En cours, pas en vigueur",
    "What it changes": "Ce qu’il change",
    "All it says": "Tout ce qu’il dit",
    "Members": "Membres",
    "Members: {names}.": "Membres : {names}.",
    "New members: {names}.": "Nouveaux membres : {names}.",
    "No longer members: {names}.": "Ne sont plus membres : {names}.",
    "Admins; {needed} of {count} must sign a change:": "Responsables ; {needed} sur {count} doivent signer un changement :",
    "New admins:": "Nouveaux responsables :",
    "No longer admins:": "Ne sont plus responsables :",
    "Signatures for a change: {new} of {all}; before: {old} of {before}.": (
        "Signatures pour un changement : {new} sur {all} ; avant : {old} sur {before}."
    ),
    "The name: {new}; before: {old}.": "Le nom : {new} ; avant : {old}.",
    "The least time messages stay: {new}; before: {old}.": "La durée minimale des messages : {new} ; avant : {old}.",
    "The least time messages stay: {time}": "La durée minimale des messages : {time}",
    "The least time messages stay": "La durée minimale des messages",
    "Nothing but its number.": "Rien que son numéro.",
    "A legal hold begins: nothing disappears between members, nothing can be erased.": (
        "Un séquestre commence : rien ne disparaît entre membres, rien ne peut être effacé."
    ),
    "The legal hold ends: timers run again, and what is past its time disappears at once.": (
        "Le séquestre prend fin : les délais courent de nouveau, et ce qui a passé le sien disparaît aussitôt."
    ),
    "A legal hold: between members nothing disappears, whatever timer is set, and nothing can be erased on this phone.": (
        "Séquestre : entre membres rien ne disparaît, quel que soit le délai choisi, et rien ne peut être effacé sur ce "
        "téléphone."
    ),
    "Messages between members stay for at least {time}: a shorter timer is refused, one set before runs as {time}.": (
        "Les messages entre membres restent au moins {time} : un délai plus court est refusé, un délai déjà choisi vaut {time}."
    ),
    "Timers between members are everybody's own choice.": "Entre membres, les délais sont au choix de chacun.",
    "If one of these keys is lost, nobody can change this policy any more.": (
        "Si une de ces clés est perdue, personne ne peut plus changer cette règle."
    ),
    "The admins signed two policies of this version. Ask them which one holds; nothing newer is followed.": (
        "Les responsables ont signé deux règles de cette version. Demandez-leur laquelle vaut ; rien de plus récent n’est suivi."
    ),
    "The admins signed two policies of one version before: nothing newer of this team is followed.": (
        "Les responsables ont signé auparavant deux règles d’une même version : rien de plus récent de cette équipe n’est suivi."
    ),
    "You are not a member of this team: it asks nothing of this phone.": (
        "Vous n’êtes pas membre de cette équipe : elle ne demande rien à ce téléphone."
    ),
    "You would not be a member of this team.": "Vous ne seriez pas membre de cette équipe.",
    "Signed by: {names}.": "Signé par : {names}.",
    "Signatures: {count}; needed: {needed}.": "Signatures : {count} ; il en faut : {needed}.",
    "In force on this phone since: {when}.": "En vigueur sur ce téléphone depuis : {when}.",
    "Drafted, by the drafter's own clock: {when}.": "Rédigé, selon l’horloge de qui l’a rédigé : {when}.",
    "{count} signature does not hold: the draft was changed after it was signed. Do not use it; ask for it again.": (
        "{count} signature ne tient pas : le projet a été changé après elle. Ne l’utilisez pas ; redemandez-le."
    ),
    "{count} signatures do not hold: the draft was changed after they were made. Do not use it; ask for it again.": (
        "{count} signatures ne tiennent pas : le projet a été changé après elles. Ne l’utilisez pas ; redemandez-le."
    ),
    "{count} signature does not count: it is not by one of the admins asked for.": (
        "{count} signature ne compte pas : elle n’est pas d’un des responsables demandés."
    ),
    "{count} signatures do not count: they are not by the admins asked for.": (
        "{count} signatures ne comptent pas : elles ne sont pas des responsables demandés."
    ),
    "This phone does not have the policy before this one: what it changes cannot be told, and it cannot be signed here.": (
        "Ce téléphone n’a pas la règle d’avant : ce que le projet change ne peut être dit, et il ne peut être signé ici."
    ),
    "This policy is in force on this phone.": "Cette règle est en vigueur sur ce téléphone.",
    "It is older than the policy in force on this phone, and changes nothing.": (
        "Elle est plus ancienne que la règle en vigueur sur ce téléphone, et ne change rien."
    ),
    "Another policy of this version is in force on this phone. Were this one signed by enough too, every phone would "
    "raise an alarm and follow the team no further. Make the change anew.": (
        "Une autre règle de cette version est en vigueur sur ce téléphone. Si celle-ci était signée par assez de responsables "
        "elle aussi, chaque téléphone donnerait l’alarme et ne suivrait plus l’équipe. Refaites le changement."
    ),
    "It follows another policy than the one in force on this phone: it cannot be signed here.": (
        "Elle suit une autre règle que celle en vigueur sur ce téléphone : elle ne peut être signée ici."
    ),
    "This phone signed another draft of this version. Were both signed by enough, every phone would raise an alarm: "
    "agree on one of them first.": (
        "Ce téléphone a signé un autre projet de cette version. Si les deux étaient signés par assez de responsables, chaque "
        "téléphone donnerait l’alarme : accordez-vous d’abord sur l’un d’eux."
    ),
    "Another team on this phone has the same name.": "Une autre équipe de ce téléphone a le même nom.",
    "This phone's key is not one of the admins': a signature of yours would not count.": (
        "La clé de ce téléphone n’est pas celle d’un responsable : votre signature ne compterait pas."
    ),
    "There is more below: read on, then sign.": "Il y a une suite plus bas : lisez, puis signez.",
    "Signed.": "Signé.",
    "In force here. Members who are your contacts get it by themselves.": (
        "En vigueur ici. Les membres qui sont vos contacts la reçoivent d’eux-mêmes."
    ),
    "Give this line to the other admins; each signs it and gives it on:": (
        "Donnez cette ligne aux autres responsables ; chacun la signe et la transmet :"
    ),
    "Written to {name}.": "Écrit à {name}.",
    "Who gets it?": "Qui le reçoit ?",
    "sign it: I have read what it changes": "signer : j’ai lu ce qu’il change",
    "put it into force, and pass it on to the members": "mettre en vigueur, et transmettre aux membres",
    "send it to a contact": "envoyer à un contact",
    "copy the line (other programs can then read it)": "copier la ligne (d’autres programmes peuvent alors la lire)",
    "save the line as a file": "enregistrer la ligne comme fichier",
    "throw the draft away on this phone": "jeter le projet sur ce téléphone",
    "read this policy in words": "lire cette règle en mots",
    "read a policy somebody gave you: paste it, or a file": "lire une règle qu’on vous a donnée : la coller, ou un fichier",
    "Paste the line, whole, or the path of a file that holds it. It is shown in words before anything is signed.": (
        "Collez la ligne, en entier, ou le chemin d’un fichier qui la contient. Elle est montrée en mots avant toute signature."
    ),
    "{name}: the whole policy, or a change of it": "{name} : toute la règle, ou un changement",
    "{name}: the draft": "{name} : le projet",
    "make a new team": "faire une nouvelle équipe",
    "your own key as an admin": "votre propre clé de responsable",
    "Your key as an admin of teams": "Votre clé de responsable d’équipes",
    "It is no secret. Whoever drafts a policy needs it; let them compare all of it with your screen, or send it in a "
    "conversation with somebody you verified. The other half never leaves this phone: with the phone it is lost.": (
        "Ce n’est pas un secret. Qui rédige une règle en a besoin ; faites-la comparer en entier avec votre écran, ou envoyez-la "
        "dans une conversation avec quelqu’un que vous avez vérifié. L’autre moitié ne quitte jamais ce téléphone : elle se perd "
        "avec lui."
    ),
    "Name of the team": "Nom de l’équipe",
    "All members and admins see it.": "Tous les membres et responsables le voient.",
    "Name: {name}": "Nom : {name}",
    "Legal hold: {state}": "Séquestre : {state}",
    "draft a change": "rédiger un changement",
    "go on: show it in words, then sign": "continuer : le montrer en mots, puis signer",
    "members": "membres",
    "add an admin": "ajouter un responsable",
    "take an admin out": "retirer un responsable",
    "how many admins must sign a change": "combien de responsables doivent signer un changement",
    "How many admins must sign a change?": "Combien de responsables doivent signer un changement ?",
    "the least time messages stay": "la durée minimale des messages",
    "No timer between members may be shorter; 0 for no least time.": (
        "Aucun délai entre membres ne peut être plus court ; 0 pour aucune durée minimale."
    ),
    "legal hold on or off": "séquestre oui ou non",
    "the name": "le nom",
    "Enter takes somebody in or out, Esc is done.": "Entrée prend ou retire quelqu’un, Échap termine.",
    "There is nobody to choose from yet.": "Il n’y a encore personne à choisir.",
    "Who becomes an admin?": "Qui devient responsable ?",
    "Contacts who wrote you their key as an admin, or paste a key.": (
        "Les contacts qui vous ont écrit leur clé de responsable ; ou collez-en une."
    ),
    "Where somebody is not verified, compare the key with their screen before you sign.": (
        "Si quelqu’un n’est pas vérifié, comparez la clé avec son écran avant de signer."
    ),
    "paste a key": "coller une clé",
    "Key of the new admin": "Clé du nouveau responsable",
    "The 64 digits and letters on their screen, or the link under them.": (
        "Les 64 chiffres et lettres de son écran, ou le lien au-dessous."
    ),
    "Whose key is it?": "À qui est la clé ?",
    "Only this phone shows the name.": "Ce téléphone seul montre le nom.",
    "Compare the key with the one on their own screen first. Only this phone shows the name.": (
        "Comparez d’abord la clé avec celle de son propre écran. Ce téléphone seul montre le nom."
    ),
    "Write a number of the list and a name, as in: 2 Bob": "Écrivez un numéro de la liste et un nom, comme : 2 Bob",
    "say whose an admin's key is": "dire à qui est la clé d’un responsable",
    "Which admin goes?": "Quel responsable s’en va ?",
    "The number in the list.": "Le numéro dans la liste.",
    "There is no admin of this number.": "Il n’y a pas de responsable de ce numéro.",
    "teams: policies, drafts, your key as an admin": "équipes : règles, projets, votre clé de responsable",
    "somebody whose key begins with {digits}": "quelqu’un dont la clé commence par {digits}",
    "{count} more you do not know": "{count} autres inconnus de vous",
    "“{name}”": "« {name} »",
    "you": "vous",
    "nobody": "personne",
    "none": "aucune",
}

_REFUSED: dict[str, str] = {
    "these tokens are for another relay than this phone's": "ces jetons sont pour un autre relais que celui de ce téléphone",
    "ask the operator of this phone's relay": "demandez à l’opérateur du relais de ce téléphone",
    "these tokens were not signed by this phone's operator": "ces jetons ne sont pas signés par l’opérateur de ce téléphone",
    "ask the operator by another way whether they are theirs": (
        "demandez à l’opérateur par une autre voie s’ils viennent de lui"
    ),
    "these tokens are past their time": "le temps de ces jetons est passé",
    "ask the operator for new ones": "demandez-en de nouveaux à l’opérateur",
    "this phone has had these tokens already": "ce téléphone a déjà eu ces jetons",
    "a signature of this policy does not hold: it was changed on the way": (
        "une signature de cette règle ne tient pas : elle a été changée en chemin"
    ),
    "this policy does not follow the one this phone has": "cette règle ne suit pas celle que ce téléphone a",
    "make the change anew from the one in force": "refaites le changement à partir de celle en vigueur",
    "this phone's key is not one of the admins whose signatures count": (
        "la clé de ce téléphone n’est pas de celles dont la signature compte"
    ),
    "a team's name has 1 to {most} characters that can be seen": "le nom d’une équipe a 1 à {most} caractères visibles",
    "take another": "prenez-en un autre",
    "a team has at most {most} members": "une équipe a au plus {most} membres",
    "make two teams": "faites deux équipes",
    "a team has at most {most} admins": "une équipe a au plus {most} responsables",
    "take one out first": "retirez-en un d’abord",
    "a team has at least one admin": "une équipe a au moins un responsable",
    "add another first": "ajoutez-en d’abord un autre",
    "a team has at least one member": "une équipe a au moins un membre",
    "add somebody first": "ajoutez d’abord quelqu’un",
    "of {count} admins 1 to {count} can be asked for": "de {count} responsables, on peut en demander 1 à {count}",
    "add admins first": "ajoutez d’abord des responsables",
    "nothing is changed yet": "rien n’est encore changé",
    "change something first": "changez d’abord quelque chose",
    "this is no admin's key: it has 64 digits and letters a to f": (
        "ce n’est pas la clé d’un responsable : elle a 64 chiffres et lettres de a à f"
    ),
    "copy it whole from their screen": "copiez-la en entier de son écran",
    "this is no line of a team policy, and no file": "ce n’est ni la ligne d’une règle d’équipe, ni un fichier",
    "paste the line whole, or give a path": "collez la ligne en entier, ou donnez un chemin",
    "this file cannot be read": "ce fichier ne peut être lu",
    "see that it is there and yours to read": "voyez s’il est là et lisible pour vous",
    "there is no team and no draft of this number": "il n’y a ni équipe ni projet de ce numéro",
    "there is no team of this number": "il n’y a pas d’équipe de ce numéro",
    "/teams shows them": "/teams les montre",
    "no policy is being made": "aucune règle n’est en préparation",
    "/newteam NAME begins one, /changeteam N a change": "/newteam NOM en commence une, /changeteam N un changement",
    "this contact has not written their key as an admin into your conversation": (
        "ce contact n’a pas écrit sa clé de responsable dans votre conversation"
    ),
    "they write it with /adminkey send, or paste the key itself": "il l’écrit avec /adminkey send, ou collez la clé elle-même",
    "there is no admin of this number": "il n’y a pas de responsable de ce numéro",
    "the list of what is set has them": "la liste de ce qui est réglé les donne",
    "say on or off": "dites on ou off",
    "/set hold on, or /set hold off": "/set hold on, ou /set hold off",
    "there is nothing of this name to set": "il n’y a rien de ce nom à régler",
    "/set name X, member WHO, nomember WHO, admin WHO or KEY NAME, noadmin N, needed N, keep TIME, hold on or off": (
        "/set name X, member QUI, nomember QUI, admin QUI ou CLÉ NOM, noadmin N, needed N, keep DURÉE, hold on ou off"
    ),
    "nobody wrote a policy into this conversation": "personne n’a écrit de règle dans cette conversation",
    "/policy LINE reads one that is pasted": "/policy LIGNE en lit une qui est collée",
    "no draft was shown": "aucun projet n’a été montré",
    "/policy LINE or /ready shows one": "/policy LIGNE ou /ready en montre un",
    "say the key and a name": "dites la clé et un nom",
    "the key in sixteen groups or as a link, then the name": "la clé en seize groupes ou en lien, puis le nom",
}

TEAMS: dict[str, str] = {**_LINES, **_TOKENS, **_SCREENS, **_REFUSED}
