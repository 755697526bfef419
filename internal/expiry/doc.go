// It reads no certificates and no files: its callers say when a Thing ends.
package expiry
