"""An answer as text for places that do not read our Markdown: Slack's mrkdwn, plain text, Markdown with links."""
