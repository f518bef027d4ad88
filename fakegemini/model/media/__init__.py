"""Media that the unscripted model makes: small real files, written without any media library."""
