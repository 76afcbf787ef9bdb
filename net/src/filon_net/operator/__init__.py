"""What the named operator does: keys behind a passphrase, leave for new people, releases signed by several.

``folder`` is the operator's own folder, ``leave`` what a new phone is handed, ``releases`` a release on its way from one
signer to the next and into the log.
"""
