package terminal

import (
	"fmt"
	"strings"
	"time"
)

// Bar is a bar of the given width of which a share is full.
func Bar(share float64, width int) string {
	full := min(int(share*float64(width)), width)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// Progress is a [Status] with how far something has come, if it takes long. Without a terminal, of no columns, it shows nothing.
type Progress struct {
	status  Status
	began   time.Time
	percent int // that was drawn last, -1 if nothing is
}

// progressDelay is how long something takes until it is worth a line.
const progressDelay = time.Second

// NewProgress begins something.
func NewProgress(s Status) *Progress { return &Progress{status: s, began: time.Now(), percent: -1} }

// Show draws a share of what is done, where it is another percentage than before.
func (p *Progress) Show(what string, share float64) {
	percent := int(100 * share)
	if percent == p.percent || time.Since(p.began) < progressDelay || p.status.Columns() == 0 {
		return
	}
	p.percent = percent
	p.status.Show(fmt.Sprintf("%s %s %d %%", what, Bar(share, 30), percent))
}

// Clear removes what was drawn.
func (p *Progress) Clear() {
	if p.percent >= 0 {
		p.status.Clear()
	}
	p.percent = -1
}
