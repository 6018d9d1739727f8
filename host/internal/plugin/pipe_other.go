//go:build !unix

package plugin

import "time"

// Read waits for something.
func (p *pipe) Read(b []byte) (n int, err error) {
	if n, err = p.File.Read(b); n > 0 {
		_, _ = p.to.Write(b[:n])
	}
	return n, err
}

// drain gives what is there a moment to be passed on: there is no telling how much it is.
func (p *pipe) drain() { time.Sleep(100 * time.Millisecond) }
