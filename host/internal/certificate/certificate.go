// Package certificate examines plugin programs and keeps what came out: a certificate for each plugin of a program, known by the
// program's SHA-256 and the plugin's name, which every run of that plugin quotes.
package certificate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/sdk/exam"
)

// Schema numbers the meaning of a certificate's fields.
const Schema = 1

// Certificate is what one exam of one program found. docs/certificate.md describes its JSON.
type Certificate struct {
	Schema      int              `json:"schema"`
	Verdict     exam.Verdict     `json:"verdict"`
	Plugin      Plugin           `json:"plugin"`
	Date        time.Time        `json:"date"`
	Protocol    int              `json:"protocol_version"`
	Host        Host             `json:"host"`
	System      string           `json:"system"` // such as linux/amd64
	Conventions []exam.Agreement `json:"conventions"`
	Checks      []exam.Result    `json:"checks"`
}

// Plugin is the program that was examined.
type Plugin struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"` // empty if it could not be asked
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
}

// Host is the program that examined it.
type Host struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
}

// Summary is what a run's manifest says of its plugin's certificate.
type Summary struct {
	Verdict     exam.Verdict `json:"verdict"`
	Date        time.Time    `json:"date"`
	Conventions []string     `json:"conventions,omitempty"`
	Path        string       `json:"path"`
}

// count tells how many checks had a verdict.
func (c *Certificate) count(v exam.Verdict) int {
	n := 0
	for _, check := range c.Checks {
		if check.Verdict == v {
			n++
		}
	}
	return n
}

var checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// file is where the certificate of a plugin is kept. One program may be several plugins.
func file(v environ.Variables, name, sha256 string) (string, error) {
	dir, err := v.Data()
	if err != nil {
		return "", errors.New("there is no home folder; set XDG_DATA_HOME to a folder for certificates")
	}
	if !checksum.MatchString(sha256) {
		return "", fmt.Errorf("%q is no SHA-256", sha256)
	}
	if filepath.Base(name) != name {
		return "", fmt.Errorf("%q is no name of a plugin", name)
	}
	return filepath.Join(dir, "certificates", sha256+"-"+name+".json"), nil
}

// earlier is where versions kept it that knew one plugin of each program.
func earlier(path, name string) string { return strings.TrimSuffix(path, "-"+name+".json") + ".json" }

// Save keeps the certificate, in place of an older one of the same plugin, and returns its path.
func (c *Certificate) Save(v environ.Variables) (string, error) {
	path, err := file(v, c.Plugin.Name, c.Plugin.SHA256)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, atomicfile.WriteJSON(path, c)
}

// read reads a certificate.
func read(b []byte) (*Certificate, error) {
	var c Certificate
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, err
	}
	if c.Schema != Schema {
		return nil, fmt.Errorf("its schema is %d; this program reads %d", c.Schema, Schema)
	}
	return &c, nil
}

// Find quotes the certificate of the plugin of that name of the program with the given SHA-256; nil if there is none. One that cannot
// be read is none: a certificate informs, and no run fails for want of it.
func Find(v environ.Variables, name, sha256 string) *Summary {
	path, err := file(v, name, sha256)
	if err != nil {
		return nil
	}
	for _, path := range []string{path, earlier(path, name)} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		c, err := read(b)
		if err != nil || c.Plugin.SHA256 != sha256 || c.Plugin.Name != name {
			continue
		}
		q := &Summary{Verdict: c.Verdict, Date: c.Date, Path: path}
		for _, a := range c.Conventions {
			q.Conventions = append(q.Conventions, a.Convention)
		}
		return q
	}
	return nil
}

// Passed tells whether the plugin passed.
func (c *Certificate) Passed() bool { return c.Verdict == exam.Pass }
