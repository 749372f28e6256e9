package bench

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // opens the databases to ask for their versions
	_ "modernc.org/sqlite"

	"rebound/internal/reboundtest"
)

// describe logs what the figures were measured on.
func describe(b *testing.B, p *reboundtest.Program) {
	b.Helper()
	driver, address := p.Database()
	version := "select 'SQLite ' || sqlite_version()"
	if driver == "pgx" {
		version = "select 'PostgreSQL ' || current_setting('server_version')"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(version).Scan(&version); err != nil {
		b.Fatal(err)
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%s, %d cores, %s, Linux %s, %s, %s, fsync %.2f ms; load before: %s", field(b, "/proc/cpuinfo", "model name"), runtime.NumCPU(),
		field(b, "/proc/meminfo", "MemTotal"), strings.TrimSpace(string(kernel)), runtime.Version(), version,
		fsync(b, p.Folder), load(b))
}

// field returns the first "name: value" of a file.
func field(b *testing.B, path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	b.Fatalf("%s has no %s", path, name)
	return ""
}

// fsync returns the median milliseconds that a write of one page takes to reach the disk.
func fsync(b *testing.B, folder string) float64 {
	f, err := os.Create(filepath.Join(folder, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var took latencies
	for range 100 {
		begun := time.Now()
		_, err := f.Write(make([]byte, 4096))
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	return took.milliseconds(0.5)
}

func load(b *testing.B) string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// cpu returns how long a process has been computing so far, in all its threads.
func cpu(b *testing.B, pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
	fields := strings.Fields(rest)
	const ticksPerSecond = 100
	var ticks int
	for _, text := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// megabytes returns a figure of a process's memory, such as VmRSS.
func megabytes(b *testing.B, pid int, name string) float64 {
	kilobytes, _, _ := strings.Cut(field(b, fmt.Sprintf("/proc/%d/status", pid), name), " ")
	n, err := strconv.Atoi(kilobytes)
	if err != nil {
		b.Fatal(err)
	}
	return float64(n) / 1024
}
