"""Steps from one form of the desk to the next, run by Alembic."""
