package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/regular"
)

// A program is asked to stop by a file beside its sign of life, ID.stop, which says who is meant. It finds it where it renews that sign. Each
// program has an ID of its own, so that what one was asked for never stops another, and no clocks need to be compared.

// stopEnd ends the name of a request.
const stopEnd = ".stop"

// ErrStopped is the cause of a context that ended since somebody asked this program to stop.
var ErrStopped = errors.New("stopped on request")

// Programs are those that make runs in a results folder, of which it is not known that they are gone. One on another machine that was killed
// is among them.
func Programs(dir string) (alive []Worker, err error) {
	files, err := os.ReadDir(filepath.Join(dir, workersDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nobody is there
	}
	for _, file := range files {
		var w Worker
		text, err := regular.ReadFile(filepath.Join(dir, workersDir, file.Name()), 64<<10)
		if err == nil && json.Unmarshal(text, &w) == nil && w.ID == file.Name() && !w.gone() { // other files are roles and requests
			alive = append(alive, w)
		}
	}
	return alive, err
}

// RequestStop asks all programs that make runs in a results folder to stop, as Ctrl-C does, and returns those that it asked. They do so within
// seconds, and leave everything so that it can be gone on with. That one ended is seen when it is not among [Programs] any more.
func RequestStop(dir string) (asked []Worker, err error) {
	programs, err := Programs(dir)
	if err != nil {
		return nil, err
	}
	for _, w := range programs {
		switch there, err := request(filepath.Join(dir, workersDir, w.ID), w); {
		case err != nil:
			return asked, fmt.Errorf("%s cannot be asked to stop: %w", w, err)
		case there:
			asked = append(asked, w)
		}
	}
	return asked, nil
}

// request asks the program with a sign of life to stop; there is false if it left meanwhile.
func request(sign string, w Worker) (there bool, err error) {
	text, err := json.Marshal(w)
	if err != nil {
		return false, err
	}
	err = writeNew(sign+stopEnd, append(text, '\n'), false)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was the last that left
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrExist):
		return false, err
	}
	if there = exists(sign); !there {
		_ = os.Remove(sign + stopEnd) // nobody will look for it
	}
	return there, nil
}

// requested tells whether a program was asked to stop. The folder is read rather than the file looked for: that there was none is remembered
// for a minute over NFS, but who opens a folder asks the server.
func requested(sign string) bool {
	files, _ := os.ReadDir(filepath.Dir(sign))
	return slices.ContainsFunc(files, func(f fs.DirEntry) bool { return f.Name() == filepath.Base(sign)+stopEnd })
}

// isOrphan tells whether a file among the signs of life asks a program that left.
func isOrphan(path string) bool {
	sign, is := strings.CutSuffix(path, stopEnd)
	return is && !exists(sign)
}

// Stoppable returns a context that ends with its parent, and with the cause [ErrStopped] when this program is asked to stop making runs of
// the experiment.
func (f *Folder) Stoppable(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		select {
		case <-f.stopped:
			cancel(ErrStopped)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
