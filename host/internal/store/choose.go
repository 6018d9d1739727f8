package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/regular"
)

// chooserPre begins the name of the file of the program that has another one choose trials; a number follows, of which the highest counts.
// It stands among the signs of life.
const chooserPre = "chooser-"

// Choose makes this program the one that has another choose the trials of the experiment, until release. Two would each know what half of the
// trials came to. The error says who does so already. It waits only where that program may be dead: until it gives a sign of life, or its lease
// is over.
func (f *Folder) Choose(ctx context.Context) (release func(), err error) {
	if f.pulse == nil { // no run is to be made as yet
		if err := f.enter(); err != nil {
			return nil, err
		}
	}
	first := ""
	for {
		n, holder, err := f.chooser()
		if err != nil {
			return nil, err
		}
		if n == 0 || f.watcher.expired(holder, chooserPre+strconv.Itoa(n)) {
			path, err := f.claimChoice(n + 1)
			switch {
			case err == nil:
				return func() { _ = os.Remove(path) }, nil
			case !errors.Is(err, fs.ErrExist):
				return nil, err
			}
			continue // another was faster
		}
		beat, _ := regular.ReadFile(filepath.Join(f.Dir, workersDir, holder.ID), 64<<10)
		if now := holder.ID + string(beat); first == "" {
			first = now
		} else if now != first {
			return nil, fmt.Errorf("%s has the trials of this experiment chosen already; two would each know half of them: wait until it is done, or end it, and run "+
				"again", holder)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(beatEvery / 4):
		}
	}
}

// chooser is the program that has trials chosen, and its number; 0 if there is none.
func (f *Folder) chooser() (n int, w Worker, err error) {
	dir := filepath.Join(f.Dir, workersDir)
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, w, err
	}
	for _, file := range files {
		if digits, is := strings.CutPrefix(file.Name(), chooserPre); is {
			if k, err := strconv.Atoi(digits); err == nil {
				n = max(n, k)
			}
		}
	}
	if n > 0 { // unreadable, it is the file of nobody who is known: it is judged by its name
		b, _ := regular.ReadFile(filepath.Join(dir, chooserPre+strconv.Itoa(n)), 64<<10)
		_ = json.Unmarshal(b, &w)
	}
	return n, w, nil
}

// claimChoice makes the file with a number, whole, unless it is there.
func (f *Folder) claimChoice(n int) (path string, err error) {
	path = filepath.Join(f.Dir, workersDir, chooserPre+strconv.Itoa(n))
	return path, f.putNew(path, f.worker)
}
