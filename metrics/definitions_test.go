package metrics

import "testing"

func TestLabel(t *testing.T) {
	for text, want := range map[string]string{"größe, \n": "größe, \n", "\xff": "\ufffd", "\x1b[2J\u009b\x00\r": "\ufffd[2J\ufffd\ufffd\ufffd"} {
		if got := Label(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
