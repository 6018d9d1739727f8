package main

import "github.com/steepest/steepest/host/internal/terminal"

var (
	columns  = terminal.Columns
	hanging  = terminal.Hanging
	newTable = terminal.NewTable
)
