"""The pages: views, forms, templates and addresses. No rule lives here."""
