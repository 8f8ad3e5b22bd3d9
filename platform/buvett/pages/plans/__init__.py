"""The regional plan: drafts for those who write it, sent versions for everyone, the chief executives' answers."""
