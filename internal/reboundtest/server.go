package reboundtest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a process that runs `rebound serve`.
type Server struct {
	command   *exec.Cmd
	address   string
	listening chan struct{} // closed: it has said its address
	ended     chan struct{} // closed: the process is gone
}

// Serve starts a server and waits until it listens. It is killed when its test ends.
func (p *Program) Serve(t testing.TB, flags ...string) *Server {
	t.Helper()
	s := p.Begin(t, flags...)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := s.Listens(ctx); err != nil {
		t.Fatalf("%v\n%s", err, p.Logged(4<<10))
	}
	return s
}

// Begin is Serve without the waiting.
func (p *Program) Begin(t testing.TB, flags ...string) *Server {
	t.Helper()
	s := &Server{command: p.command(append([]string{"serve"}, flags...)), listening: make(chan struct{}), ended: make(chan struct{})}
	stdout, err := s.command.StdoutPipe()
	if err == nil {
		err = s.command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go s.follow(stdout)
	t.Cleanup(s.Kill)
	return s
}

// follow reads what the process says, to its end.
func (s *Server) follow(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listens on "); ok && s.address == "" {
			s.address = address
			close(s.listening)
		}
	}
	_ = s.command.Wait() // how it ended is in its state
	close(s.ended)
}

// ErrEnded says that a server's process was gone before it listened.
var ErrEnded = errors.New("rebound serve ended before it listened")

// Listens waits until the server listens and returns its address, http://host:port.
func (s *Server) Listens(ctx context.Context) (string, error) {
	select {
	case <-s.listening:
		return s.address, nil
	case <-s.ended:
		return "", ErrEnded
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Address is where a server that listens does so: http://host:port.
func (s *Server) Address() string {
	<-s.listening
	return s.address
}

// PID is the id of the process.
func (s *Server) PID() int { return s.command.Process.Pid }

// Kill ends the process with SIGKILL, as a crash would.
func (s *Server) Kill() {
	_ = s.command.Process.Kill() // it may have ended
	<-s.ended
}

// Stop ends the process with SIGTERM and returns its exit code. The process gets half a minute.
func (s *Server) Stop(t testing.TB) int {
	t.Helper()
	s.Terminate(t)
	return s.Ended(t)
}

// Terminate sends SIGTERM and does not wait.
func (s *Server) Terminate(t testing.TB) {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
}

// Ended waits for the end of the process and returns its exit code.
func (s *Server) Ended(t testing.TB) int {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Error("rebound serve has not ended within 30 s; it is killed")
		s.Kill()
	}
	return s.command.ProcessState.ExitCode()
}
