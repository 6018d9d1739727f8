//go:build unix

package owned

import (
	"os"

	"golang.org/x/sys/unix"
)

// Claim marks an open file or folder as this program's until it is closed. It returns false if somebody else has swept it
// away, in the moment before. A file system without locks has no marks, and nothing is swept from it.
func Claim(f *os.File) bool {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != unix.EWOULDBLOCK && there(f)
}

// abandoned opens and locks what is at a path if it is this user's and nobody holds it; else it is nil.
func abandoned(path string) *os.File {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(fd), path)
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || int(stat.Uid) != os.Getuid() ||
		unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil || !there(f) {
		_ = f.Close()
		return nil
	}
	return f
}
