package terminal

import (
	"fmt"
	"strconv"
	"time"
)

// Duration shows a time in units that fit: 306 ns, 10.1 us, 2.5 ms, 34.2 s, 1 min 05 s, 1 h 02 min, 3 d 04 h.
func Duration(d time.Duration) string {
	for _, unit := range []struct {
		name  string
		size  time.Duration
		below float64
	}{{"ns", time.Nanosecond, 1000}, {"us", time.Microsecond, 1000}, {"ms", time.Millisecond, 1000}, {"s", time.Second, 60}} {
		text := strconv.FormatFloat(float64(d)/float64(unit.size), 'g', 3, 64)
		if x, _ := strconv.ParseFloat(text, 64); x < unit.below { // as rounded
			return text + " " + unit.name
		}
	}
	for _, unit := range []struct {
		name, small string
		size, part  time.Duration
		below       time.Duration
	}{{"min", "s", time.Minute, time.Second, time.Hour}, {"h", "min", time.Hour, time.Minute, 24 * time.Hour}} {
		if r := d.Round(unit.part); r < unit.below {
			return fmt.Sprintf("%d %s %02d %s", r/unit.size, unit.name, r%unit.size/unit.part, unit.small)
		}
	}
	r := d.Round(time.Hour)
	return fmt.Sprintf("%d d %02d h", r/(24*time.Hour), r%(24*time.Hour)/time.Hour)
}
