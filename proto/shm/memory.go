package shm

import "sync/atomic"

// Memory is what a host and a plugin share for one instance.
type Memory struct {
	Control  *Control
	Gradient []float64 // n numbers; the plugin can only read them
	Weights  []float64 // likewise; nil unless the plugin needs them
	Update   []float64 // n numbers, written by the plugin

	files [3]int    // control page, input, update; -1 once closed
	maps  [3][]byte // in the same order
}

// Size tells how much is shared.
type Size struct {
	Parameters      int  // length of the weight vector
	Hyperparameters int  // that are schedulable, and as many for each group of tensors
	Weights         bool // whether the plugin needs the weights
}

func (s Size) bytes() [3]int {
	input := s.Parameters * 8
	if s.Weights {
		input *= 2
	}
	return [3]int{controlSize(s.Hyperparameters), max(input, 8), max(s.Parameters*8, 8)}
}

// supported remembers that this system could share memory.
var supported atomic.Bool

// Supported tells whether this system can share memory as the plane needs it; the error says why not. Once it could it can, and New alone
// says what is scarce later: to try it costs as much as to begin a small run.
func Supported() error {
	if supported.Load() {
		return nil
	}
	m, err := New(Size{Parameters: 1})
	if err == nil {
		err = m.Close()
	}
	supported.Store(err == nil)
	return err
}

func (m *Memory) slice(size Size) {
	n := size.Parameters
	m.Control = newControl(m.maps[0], size.Hyperparameters)
	m.Gradient, m.Update = floats(m.maps[1], n), floats(m.maps[2], n)
	if size.Weights {
		m.Weights = floats(m.maps[1][n*8:], n)
	}
}
