"""S3-compatible storage: blobs and the archive's segments, one object each."""
