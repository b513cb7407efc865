"""What people asked and the documents did not answer, or not well: grouped by subject, for who writes documents."""
