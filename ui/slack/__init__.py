"""The Slack bot: takes events in, answers them once each, in threads, with the same answers as every other face."""
