"""A provider that speaks OpenAI's chat protocol on loopback, and misbehaves when told to."""
