//go:build !unix

package store

import "os"

// flock does nothing here.
var flock = func(*os.File) error { return errNoLocks }
