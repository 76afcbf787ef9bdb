"""What the named operator does: keys behind a passphrase, leave for new people, releases signed by several.

``folder`` is the operator's own folder, ``leave`` signs what people are handed, ``releases`` carries a release from one
signer to the next and into the log.
"""
