package terminal

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Status is a line at the bottom of a terminal that is drawn again and again. The cursor stays at its beginning, so that
// whatever a terminal that becomes narrower makes of the line lies behind the cursor and goes with the next drawing.
type Status struct {
	W       io.Writer
	Columns func() int // of the terminal, at the moment
}

// eraseBelow clears from the cursor to the end of the screen.
const eraseBelow = "\x1b[J"

// Show draws a line in place of the one before. It is cut where the terminal ends.
func (s Status) Show(line string) {
	_, _ = io.WriteString(s.W, text.Trim(line, max(s.Columns()-1, 1))+text.EscapeReset+eraseBelow+"\r")
}

// Print writes text for good, and goes on below it.
func (s Status) Print(lines string) {
	_, _ = io.WriteString(s.W, eraseBelow+strings.TrimSuffix(lines, "\n")+"\n")
}

// Clear removes the line.
func (s Status) Clear() { _, _ = io.WriteString(s.W, eraseBelow) }
