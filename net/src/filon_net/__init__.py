"""filon-net: the encrypted phone network. Nothing of it is built yet; it will never import filon."""
