package process

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// Unknown stands for what the machine does not tell. Results without it are results.
const Unknown = "unknown"

// Processor is the model of the CPU.
func Processor() string {
	body, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(body)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// Cores is how many CPUs the machine has, whichever of them are ours.
func Cores() int {
	body, _ := os.ReadFile("/proc/cpuinfo")
	n := 0
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "processor") {
			n++
		}
	}
	return max(n, runtime.NumCPU())
}

// Kernel is its version without what its builder added.
func Kernel() string {
	body, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return Unknown
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(body)), "-")
	return version
}

// LoadAverage of the last minute tells whether others used the machine.
func LoadAverage() string {
	body, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return Unknown
	}
	minute, _, _ := strings.Cut(string(body), " ")
	return minute
}

// NodeModule is the version of a module that is installed in dir.
func NodeModule(dir, name string) string {
	body, err := os.ReadFile(filepath.Join(dir, "node_modules", name, "package.json"))
	if err != nil {
		return Unknown
	}
	var module struct{ Version string }
	if err := json.Unmarshal(body, &module); err != nil || module.Version == "" {
		return Unknown
	}
	return module.Version
}

// Library is the version of a module that is built into this program.
func Library(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Unknown
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return Unknown
}

// Output is what a program prints.
func Output(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return Unknown
	}
	return strings.TrimSpace(string(out))
}
