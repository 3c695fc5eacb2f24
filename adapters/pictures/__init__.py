"""Pictures that are sent as links: kept on disk, and shown to whoever has the link."""
