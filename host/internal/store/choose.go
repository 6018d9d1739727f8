package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/steepest/steepest/host/internal/regular"
)

// chooserRole is that of the program that has another one choose trials.
const chooserRole = "chooser"

// Choose makes this program the one that has another choose the trials of the experiment, until release. Two would each know what half of the
// trials came to. The error says who does so already. It waits only where that program may be dead: until it gives a sign of life, or its lease
// is over.
func (f *Folder) Choose(ctx context.Context) (release func(), err error) {
	for first := ""; ; {
		release, holder, err := f.role(chooserRole)
		if !errors.Is(err, ErrHeld) {
			return release, err
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
