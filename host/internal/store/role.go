package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/regular"
)

// A role is what one program at a time may do for an experiment. Who has it says a file among the signs of life, ROLE-N, which is created
// exclusively; the highest N counts. Whoever takes a role over from a program whose lease is over creates N + 1, so that of several one succeeds.

// role gives this program a role until release. The error is ErrHeld if another has it, which is holder.
func (f *Folder) role(name string) (release func(), holder Worker, err error) {
	if err := f.enter(); err != nil {
		return nil, holder, err
	}
	n, holder, err := f.holder(name)
	if err != nil {
		return nil, holder, err
	}
	if n > 0 && !f.watcher.expired(holder, name+"-"+strconv.Itoa(n)) {
		return nil, holder, ErrHeld
	}
	path := filepath.Join(f.Dir, workersDir, name+"-"+strconv.Itoa(n+1))
	switch err := f.putNew(path, f.worker); {
	case errors.Is(err, fs.ErrExist):
		_, holder, _ = f.holder(name)
		return nil, holder, ErrHeld
	case err != nil:
		return nil, holder, err
	}
	return func() { _ = os.Remove(path) }, f.worker, nil
}

// holder is the program that had a role last, and its number; 0 if none has.
func (f *Folder) holder(role string) (n int, w Worker, err error) {
	dir := filepath.Join(f.Dir, workersDir)
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, w, err
	}
	for _, file := range files {
		if digits, is := strings.CutPrefix(file.Name(), role+"-"); is {
			if k, err := strconv.Atoi(digits); err == nil {
				n = max(n, k)
			}
		}
	}
	if n > 0 { // what cannot be read is judged by its name
		b, _ := regular.ReadFile(filepath.Join(dir, role+"-"+strconv.Itoa(n)), 64<<10)
		_ = json.Unmarshal(b, &w)
	}
	return n, w, nil
}
