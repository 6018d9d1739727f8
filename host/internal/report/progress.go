package report

import (
	"fmt"
	"io"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Progress shows how far a file has come: on a terminal all the time, elsewhere once for each file.
func Progress(w io.Writer) dataset.Progress {
	progress := terminal.NewProgress(terminal.Status{W: w, Columns: func() int { return terminal.Columns(w) }})
	return func(name string, done, total int64) {
		switch {
		case done == total:
			progress.Clear()
			_, _ = fmt.Fprintf(w, "%s  %.3g MB\n", name, float64(done)/1e6)
		case total > 0:
			progress.Show(fmt.Sprintf("%s  %.3g MB", name, float64(total)/1e6), float64(done)/float64(total))
		default:
			progress.Show(name, 0)
		}
	}
}
