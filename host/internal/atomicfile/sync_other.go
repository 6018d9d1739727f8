//go:build !unix

package atomicfile

// syncFolder does nothing here: folders cannot be synced.
func syncFolder(string) error { return nil }
