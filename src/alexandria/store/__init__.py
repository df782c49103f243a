"""Objects in a folder or a bucket: the only importer of obstore."""
