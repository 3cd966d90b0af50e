package render

import "golang.org/x/sys/windows"

// understandsColor asks the console for colour; one that is older than Windows 10 refuses.
func understandsColor(fd uintptr) bool {
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &mode); err != nil {
		return false
	}
	mode |= windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	return windows.SetConsoleMode(windows.Handle(fd), mode) == nil
}
