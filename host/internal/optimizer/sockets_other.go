//go:build !unix

package optimizer

// defaultTemp is where temporary files can be if $TMPDIR will not do.
const defaultTemp = ""

// claim does nothing here: there are no locks of folders.
func (d *SocketDir) claim() (mine bool, err error) { return true, nil }

// abandoned is not known here.
func abandoned(string) *SocketDir { return nil }
