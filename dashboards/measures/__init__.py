"""Every measure, declared once, and the arithmetic they all share (docs/domain.md, section 10). Imports no Django."""
