package machine

import "fmt"

// How many files are open at once: always, for each plugin, for each run, and for a moment while a plugin starts and a run
// begins.
const (
	filesAlways    = 12
	filesForPlugin = 6
	filesForRun    = 2 // and one more for each of its plugins
	filesAMoment   = 12
)

// CheckOpenFiles refuses runs that could not go on for want of open files: so many of them at once, of so many plugins, of which a run has
// so many instances at most.
func CheckOpenFiles(plugins, runs, instances int, limit uint64) error {
	need := filesAlways + filesForPlugin*plugins + (filesForRun+instances)*runs + filesAMoment
	if uint64(need) <= limit {
		return nil
	}
	return fmt.Errorf("this program may have only %d files open; %s and %s at once need %d: raise the limit with "+
		"`ulimit -n 1024`, or have fewer runs at once with --jobs; nothing was started", limit, count(plugins, "plugin"),
		count(runs, "run"), need)
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
