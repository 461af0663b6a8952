"""The dashboard: a page for each subject, with what the reader has figures of."""
