"""Changes of the review store's tables, run by Alembic."""
