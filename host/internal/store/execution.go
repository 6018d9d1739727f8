package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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
