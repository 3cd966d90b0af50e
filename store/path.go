package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
)

// DefaultPath is where the database is unless the user says otherwise: in the data folder of
// the platform. A relative XDG_DATA_HOME is ignored, as its specification demands.
func DefaultPath(getenv func(string) string) (string, error) {
	dir, err := dataFolder(runtime.GOOS, getenv)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return filepath.Join(dir, "trunkstat", "trunkstat.db"), nil
}

func dataFolder(goos string, getenv func(string) string) (string, error) {
	if goos == "windows" {
		if dir := getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
		return "", errors.New("LocalAppData is not set")
	}
	if dir := getenv("XDG_DATA_HOME"); goos != "darwin" && filepath.IsAbs(dir) {
		return dir, nil
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("HOME is not set")
	}
	if goos == "darwin" {
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "share"), nil
}
