package result

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// NewExecution draws a name for the runs that a program begins in a folder of results. It tells them apart from those of
// another program, or of another day, that had a folder of the same name.
func NewExecution() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// execution is that of a manifest. One from before there were executions has the time at which its run began.
func execution(id string, started time.Time) string {
	if id != "" {
		return id
	}
	sum := sha256.Sum256([]byte(started.UTC().Format(time.RFC3339Nano)))
	return hex.EncodeToString(sum[:4])
}

// Execution reads the execution of the run in a folder; ok is false if none was begun there.
func Execution(dir string) (id string, ok bool) {
	var m struct {
		Execution string    `json:"execution_id"`
		Started   time.Time `json:"started"`
	}
	b, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil || json.Unmarshal(b, &m) != nil {
		return "", false
	}
	return execution(m.Execution, m.Started), true
}
