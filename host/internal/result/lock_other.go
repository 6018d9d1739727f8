//go:build !unix

package result

import "os"

// flock does nothing here.
var flock = func(*os.File) error { return errNoLocks }
