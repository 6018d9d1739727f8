package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Status are lines at the bottom of a terminal that are drawn again and again. The cursor stays at their beginning, so that
// whatever a terminal that becomes narrower makes of the lines lies behind the cursor and goes with the next drawing.
type Status struct {
	W       io.Writer
	Columns func() int // of the terminal, at the moment
}

// eraseBelow clears from the cursor to the end of the screen.
const eraseBelow = "\x1b[J"

// eraseLine clears the line of the cursor.
const eraseLine = "\x1b[2K"

// While lines are drawn, none goes on in the next row: a terminal may already be narrower than it says, and the cursor must come back to
// where it was.
const (
	wrapOff = "\x1b[?7l"
	wrapOn  = "\x1b[?7h"
)

// Show draws lines in place of those before. They are cut where the terminal ends.
func (s Status) Show(lines ...string) {
	columns := max(s.Columns()-1, 1)
	for i, line := range lines {
		lines[i] = text.Trim(line, columns) + text.EscapeReset
	}
	drawing := strings.Join(lines, "\r\n") + eraseBelow
	if up := len(lines) - 1; up > 0 {
		// Rows that the terminal took for one broken line are to be forgotten, not written over: one by one, since some terminals keep
		// what is erased from the top of the screen on in what can be scrolled back to.
		drawing = wrapOff + eraseLine + strings.ReplaceAll(drawing, "\n", "\n"+eraseLine) + fmt.Sprintf("\x1b[%dA", up) + wrapOn
	}
	_, _ = io.WriteString(s.W, drawing+"\r")
}

// Print writes text for good, and goes on below it.
func (s Status) Print(lines string) {
	_, _ = io.WriteString(s.W, eraseBelow+strings.TrimSuffix(lines, "\n")+"\n")
}

// Clear removes the line.
func (s Status) Clear() { _, _ = io.WriteString(s.W, eraseBelow) }
