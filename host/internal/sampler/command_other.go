//go:build !unix

package sampler

import "os/exec"

func group(*exec.Cmd) {}

func kill(c *exec.Cmd) { _ = c.Process.Kill() }
