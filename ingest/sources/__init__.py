"""Where documents come from: folders, archives, git working trees, web pages and sitemaps."""
