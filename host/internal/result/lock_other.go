//go:build !unix

package result

import "os"

// lock does nothing here.
func lock(*os.File) error { return nil }

// syncFolder does nothing here: folders cannot be synced.
func syncFolder(string) error { return nil }
