"""The workspace Curate: topologies edited, proposed, reviewed and released."""
