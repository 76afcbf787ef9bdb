"""Where Alembic meets the desk: it is handed an open connection and never opens one itself."""

from alembic import context

from filon.desk.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
