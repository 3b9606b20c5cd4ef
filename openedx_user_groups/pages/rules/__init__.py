"""What the pages of rules show: the words and forms of the builder, previews, and hints."""
