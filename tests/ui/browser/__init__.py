"""The pages in a real browser, all in one Chromium."""
