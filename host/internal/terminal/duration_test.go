package terminal

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 1: "1 ns", 306: "306 ns", 999: "999 ns", 1000: "1 us", 10_120: "10.1 us", 999_400: "999 us", 999_600: "1 ms",
		2_500_000: "2.5 ms", 999_700_000: "1 s", 34_240 * time.Millisecond: "34.2 s", 59_940 * time.Millisecond: "59.9 s",
		59_960 * time.Millisecond: "1 min 00 s", time.Minute + 5*time.Second: "1 min 05 s", 3599*time.Second + 600*time.Millisecond: "1 h 00 min",
		62 * time.Minute: "1 h 02 min", 23*time.Hour + 59*time.Minute + 40*time.Second: "1 d 00 h", 76 * time.Hour: "3 d 04 h",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d ns are shown as %s, want %s", d, got, want)
		}
	}
}
