package githistory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// TempDir makes an empty folder beside a file, for a fetch. Only this user may read it.
func TempDir(beside string) (string, error) {
	dir, err := os.MkdirTemp(filepath.Dir(beside), filepath.Base(beside)+infix+"*")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", withCause(err))
	}
	return dir, nil
}

const infix = ".git-"

// RemoveTemp removes the folders of TempDir that a killed run left behind. It must be called while no other
// process can use one, which is under the lock that keeps a second sync away from the same file.
func RemoveTemp(beside string) error {
	entries, err := os.ReadDir(filepath.Dir(beside))
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), filepath.Base(beside)+infix)
		if ok && e.IsDir() && number != "" && strings.Trim(number, "0123456789") == "" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(filepath.Dir(beside), e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("remove the temporary folders of a run before: %w", err)
	}
	return nil
}
