"""What synthetic people say: small plays in four languages, the words that fill them, and how each person types."""
