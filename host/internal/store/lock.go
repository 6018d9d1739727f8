package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// LockFile is the file in a results folder by which a program holds it.
const LockFile = ".lock"

// lock is a program's hold of a folder. It ends with the program, however that ends, where the file system has locks; where
// it has none the file itself is the lock, and stays when the program is killed.
type lock struct {
	file   *os.File
	path   string
	stands bool // the file itself is the lock
}

// Holder is the program that holds a folder.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// Held is the error of a folder that another program holds.
type Held struct {
	Dir   string
	By    Holder // as far as it is known
	stays bool   // the lock, when its holder was killed
}

func (e *Held) Error() string {
	by := "another steepest"
	if e.By.PID > 0 {
		by += fmt.Sprintf(" (process %d on %s, since %s)", e.By.PID, e.By.Host, e.By.Since.Local().Format(time.DateTime))
	}
	remedy := "wait for it, or end it"
	if e.stays {
		remedy += fmt.Sprintf("; this file system has no locks: if that program is gone, remove %s", filepath.Join(e.Dir, LockFile))
	}
	return fmt.Sprintf("%s is being written by %s; nothing was started: %s", e.Dir, by, remedy)
}

// What flock may say beside other errors.
var (
	errLocked  = errors.New("another program has locked it")
	errNoLocks = errors.New("the file system has no locks")
)

// takeLock takes the lock of a folder, or returns Held.
func takeLock(dir string) (*lock, error) {
	l := &lock{path: filepath.Join(dir, LockFile)}
	for {
		f, err := os.OpenFile(l.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o666)
		made := err == nil
		if errors.Is(err, fs.ErrExist) {
			f, err = os.OpenFile(l.path, os.O_RDWR, 0)
			if errors.Is(err, fs.ErrNotExist) {
				continue // its holder has just removed it
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s cannot be written to: %w", dir, err)
		}
		l.file = f
		switch err = flock(f); {
		case errors.Is(err, errLocked), errors.Is(err, errNoLocks) && !made:
			held := &Held{Dir: dir, stays: errors.Is(err, errNoLocks)}
			_ = json.NewDecoder(io.LimitReader(f, 4<<10)).Decode(&held.By) // it may not be written yet
			return nil, errors.Join(held, f.Close())
		case err != nil && !errors.Is(err, errNoLocks):
			return nil, errors.Join(err, f.Close())
		}
		l.stands = err != nil
		if l.found() {
			l.sign()
			return l, nil
		}
		if err := f.Close(); err != nil { // the holder before removed it after it was opened here
			return nil, err
		}
	}
}

// found tells whether the locked file is the one that others find.
func (l *lock) found() bool {
	mine, err1 := l.file.Stat()
	found, err2 := os.Stat(l.path)
	return err1 == nil && err2 == nil && os.SameFile(mine, found)
}

// sign writes down who holds the folder. It is a help for people: on a full disk it is left out.
func (l *lock) sign() {
	host, _ := os.Hostname()
	b, err := json.Marshal(Holder{os.Getpid(), host, time.Now().UTC()})
	if err == nil && l.file.Truncate(0) == nil {
		_, _ = l.file.WriteAt(append(b, '\n'), 0)
	}
}

// release gives the folder back.
func (l *lock) release() error {
	mine := l.found()
	if l.stands {
		err := l.file.Close()
		if mine {
			err = errors.Join(err, os.Remove(l.path))
		}
		return err
	}
	if mine {
		_ = os.Remove(l.path) // before it is unlocked: whoever opened it meanwhile notices. It is no lock if it stays
	}
	return l.file.Close()
}
