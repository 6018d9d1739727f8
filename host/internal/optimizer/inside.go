package optimizer

import (
	"os"
	"path/filepath"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// DataDir is the user's folder for what Steepest keeps: plugins and certificates. It is "" if the user has no home.
func DataDir() string {
	if data := os.Getenv("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "steepest")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "steepest")
	}
	return ""
}

// Environment is what a plugin sees of the host's environment.
func Environment() []string { return allowed() }

// Service is the plugin's service itself, for those who examine it.
func (p *Plugin) Service() v1.OptimizerServiceClient { return p.rpc }

// Explain turns the error of a call of Service into one for people.
func (p *Plugin) Explain(err error) error { return p.explain(err, DefaultTimeout) }

// Said is what the plugin printed while no run was open, or the beginning of it.
func (p *Plugin) Said() string {
	p.output.mu.Lock()
	defer p.output.mu.Unlock()
	return p.output.early.String()
}
