package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/certificate"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// Manifest is what was run: with the experiment beside it, enough to run it again.
type Manifest struct {
	Run        string           `json:"run_id"`
	Identity   string           `json:"identity"`     // of what is asked; see [plan.Asked]
	Execution  string           `json:"execution_id"` // see [NewExecution]
	Experiment Reference        `json:"experiment"`
	ConfigHash string           `json:"config_hash"` // of the experiment; see ConfigHash
	Problem    *config.Problem  `json:"problem"`
	Called     string           `json:"problem_name,omitempty"` // in the experiment, if it has a name there
	Optimizer  config.Optimizer `json:"optimizer"`
	Seed       uint64           `json:"seed"`
	Steps      int              `json:"steps"`
	Time       time.Duration    `json:"time_ns,omitempty"` // that its steps may take, if that bounds their number
	Record     config.Record    `json:"record"`
	Quantities []string         `json:"quantities,omitempty"` // that were measured beyond the standard ones
	Target     *measure.Target  `json:"target,omitempty"`
	Stop       measure.Stop     `json:"stop,omitzero"`
	Started    time.Time        `json:"started"`
	Plugin     PluginProgram    `json:"plugin,omitzero"`
	// GroupPlugins are those of groups of tensors that have another one, in the order of [config.Optimizer.Plugins].
	GroupPlugins []PluginProgram `json:"group_plugins,omitempty"`
	// Certificate is what `steepest plugins check` found about this very program; nil if it was never checked.
	Certificate *certificate.Summary `json:"certificate,omitempty"`
	Environment
	Resumed []Resumption `json:"resumed,omitempty"`

	// Imported is nil of a run of ours.
	Imported *Imported `json:"imported,omitempty"`

	whole *begun // the experiment, of a manifest of an earlier version, which had it
}

// Reference names the experiment of a run. The file beside the run's folder with its ConfigHash has the whole.
type Reference struct {
	Name string `json:"name"`
	File string `json:"file"`
}

// Resumption is one time that a run was gone on with by another program.
type Resumption struct {
	Time     time.Time `json:"time"`
	Step     int       `json:"step"` // from which on its steps were made
	Host     Program   `json:"host"`
	Numerics Numerics  `json:"numerics"` // met from there on
	// Worker made the steps before, and Status and Error say how it ended, if it did.
	Worker Worker        `json:"after,omitzero"`
	Status record.Status `json:"status,omitempty"`
	Error  string        `json:"error,omitempty"`
	Paused *Summary      `json:"paused,omitempty"` // what was measured where it paused, if it did
}

// Asked is what was asked of the run.
func (m *Manifest) Asked() plan.Asked {
	return plan.Asked{Problem: *m.Problem, Plugin: m.Optimizer.Plugin, Program: m.Plugin.SHA256, Others: plan.OfGroups(&m.Optimizer, m.program),
		Hyperparameters: m.Optimizer.Configuration(), Gradient: m.Optimizer.Gradient, Initialization: m.Optimizer.Initialization,
		Seed: m.Seed, Steps: m.Steps, Time: m.Time, MaxAsks: m.Optimizer.OwnMaxAsks()}.
		StoppedBy(m.Stop, m.Target, m.Record.Validation)
}

// program is the SHA-256 of the program of a group's plugin.
func (m *Manifest) program(plugin string) string {
	for _, p := range m.GroupPlugins {
		if p.Name == plugin {
			return p.SHA256
		}
	}
	return ""
}

// Plugins are the programs of all its plugins, the optimizer's first, with their certificates.
func (m *Manifest) Plugins() []PluginProgram {
	own := m.Plugin
	own.Certificate = m.Certificate
	return append([]PluginProgram{own}, m.GroupPlugins...)
}

// PluginVersions and PluginSums are those of the programs of all its plugins, with "+" between them.
func (m *Manifest) PluginVersions() string {
	return m.ofPlugins(func(p PluginProgram) string { return p.Version })
}

// PluginSums are the SHA-256 of them.
func (m *Manifest) PluginSums() string {
	return m.ofPlugins(func(p PluginProgram) string { return p.SHA256 })
}

func (m *Manifest) ofPlugins(text func(PluginProgram) string) string {
	texts := []string{text(m.Plugin)}
	for _, p := range m.GroupPlugins {
		texts = append(texts, text(p))
	}
	return strings.Join(texts, "+")
}

// Met are the numerics of each segment of the run, in order.
func (m *Manifest) Met() []Numerics {
	met := []Numerics{m.Numerics}
	for _, r := range m.Resumed {
		met = append(met, r.Numerics)
	}
	return met
}

// PluginProgram is the program of an optimizer and how it works with this host.
type PluginProgram struct {
	Program
	Kernel    string          `json:"kernel,omitempty"` // how the rule is computed
	DataPlane optimizer.Plane `json:"data_plane"`
	// Certificate is that of a group's plugin; that of the optimizer's stands beside it.
	Certificate *certificate.Summary `json:"certificate,omitempty"`
}

// Program is an executable.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
}

// Environment is what all runs of a program share. Nothing of it is known of a run that was imported.
type Environment struct {
	Host     Program `json:"host,omitzero"`
	Protocol int     `json:"protocol_version,omitzero"`
	Commit   string  `json:"host_commit,omitempty"`       // that the host was built from
	Git      string  `json:"experiment_commit,omitempty"` // of the repository that holds the experiment file
	Go       string  `json:"go_version,omitzero"`
	BLAS     string  `json:"blas,omitzero"`
	Threads  int     `json:"blas_threads,omitzero"` // of the run at first; nothing but time depends on them
	Machine  Machine `json:"machine,omitzero"`
	// Numerics is the arithmetic from the start on.
	Numerics Numerics `json:"numerics,omitzero"`
}

// Machine is where it ran.
type Machine struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	CPU   string `json:"cpu,omitempty"`
	Cores int    `json:"cores"`
}

// Version is the version that the Go toolchain stamped into this program, and the commit it was built from.
func Version() (version, commit string) {
	version = "devel"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, ""
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = s.Value
		}
	}
	return version, commit
}

// NewEnvironment looks around once, for all experiments in the same folder as the given file.
func NewEnvironment(experiment string) (Environment, error) {
	exe, err := os.Executable()
	if err != nil {
		return Environment{}, err
	}
	sum, err := plugin.SHA256(exe)
	if err != nil {
		return Environment{}, err
	}
	version, commit := Version()
	return Environment{
		Host:     Program{"steepest", version, exe, hex.EncodeToString(sum)},
		Protocol: int(proto.Handshake.ProtocolVersion), Commit: commit, Git: gitCommit(filepath.Dir(experiment)),
		Go: runtime.Version(), BLAS: blas.Name(),
		Machine:  Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU()},
		Numerics: NumericsMet(),
	}, nil
}

// ConfigHash is the same for experiments that ask for the same, wherever their files are: the first 12 hexadecimal digits of
// the SHA-256 of the experiment in JSON, with every default filled in and without the file's name.
func ConfigHash(e *config.Experiment) string {
	b, err := json.Marshal(e)
	if err != nil {
		return "" // of an experiment that cannot be written no run begins
	}
	return hashOf(b)
}

// hashOf is the ConfigHash of an experiment in JSON, whatever the order of its keys: another version may write another one.
func hashOf(experiment []byte) string {
	var keys map[string]any
	if err := decode(experiment, &keys); err != nil {
		return ""
	}
	delete(keys, "file")
	delete(keys, "name")
	delete(keys, "written") // what it says is in the other keys
	b, err := json.Marshal(keys)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// newManifest describes a run that begins with its plugins, the optimizer's first.
func (f *Folder) newManifest(j plan.Job, plugins []PluginProgram, env Environment) Manifest {
	e, own := f.asked, plugins[0]
	certificate := own.Certificate
	own.Certificate = nil
	m := Manifest{Run: j.ID, Execution: f.worker.ID, Experiment: Reference{e.Name, e.File}, ConfigHash: f.hash, Problem: &j.Workload.Problem, Called: j.Problem,
		Optimizer: *j.Optimizer, Seed: j.Seed, Steps: j.Steps, Record: e.Record, Target: j.Workload.Target, Stop: j.Workload.Stop, Started: time.Now().UTC(),
		Plugin: own, GroupPlugins: plugins[1:], Certificate: certificate, Environment: env}
	m.Time, m.Quantities = j.Limit(), measured(j.Workload.Schema(*j.Optimizer))
	m.Identity, m.Threads = m.Asked().Identity(), blas.Threads()
	return m
}

// newPlugin describes a plugin that works with this host.
func newPlugin(p *plugin.Process, offer optimizer.Plane) (PluginProgram, error) {
	plane, err := p.Plane(offer)
	if err != nil {
		return PluginProgram{}, err
	}
	sum := hex.EncodeToString(p.Checksum)
	return PluginProgram{Program{p.Description.Name, p.Description.Version, p.Binary.Path, sum}, p.Description.Kernel, plane,
		certificate.Find(p.Binary.Variables, p.Binary.Name, sum)}, nil
}

func cpu() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ProblemName is what the problem is called, or its kind.
func (m Manifest) ProblemName() string { return cmp.Or(m.Called, m.Problem.Kind) }
