package terminal

import "testing"

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"one /a/long/path two  three\nfour", 9, "one\n/a/long/path\ntwo three\nfour"},
		{"one /a/long/path two  three\nfour", 0, "one /a/long/path two  three\nfour"},
		{"\n\n幅 幅", 3, "\n\n幅\n幅"},
		{"", 5, ""},
	} {
		if got := Wrap(c.text, c.width); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
