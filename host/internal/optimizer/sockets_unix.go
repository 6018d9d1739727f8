//go:build unix

package optimizer

import (
	"os"

	"golang.org/x/sys/unix"
)

// defaultTemp is where temporary files can be if $TMPDIR will not do.
const defaultTemp = "/tmp"

// claim locks the folder for as long as this program lives, which ends the lock however it ends. mine is false if somebody
// else has locked or removed it.
func (d *SocketDir) claim() (mine bool, err error) {
	if d.lock, err = openDir(d.Path); os.IsNotExist(err) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if mine = unix.Flock(int(d.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) != unix.EWOULDBLOCK && d.there(); !mine {
		_ = d.lock.Close()
	}
	return mine, nil
}

func openDir(path string) (*os.File, error) {
	return os.OpenFile(path, unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
}

// there tells whether the folder that is open is the one at the path.
func (d *SocketDir) there() bool {
	open, err := d.lock.Stat()
	if err != nil {
		return false
	}
	at, err := os.Lstat(d.Path)
	return err == nil && os.SameFile(open, at)
}

// abandoned returns the folder at a path if it is this user's and its owner is gone; else nil.
func abandoned(path string) *SocketDir {
	var stat unix.Stat_t
	f, err := openDir(path)
	if err != nil {
		return nil
	}
	d := &SocketDir{Path: path, lock: f}
	if unix.Fstat(int(f.Fd()), &stat) != nil || int(stat.Uid) != os.Getuid() ||
		unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil || !d.there() {
		_ = f.Close()
		return nil
	}
	return d
}
