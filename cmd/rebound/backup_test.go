package main

import (
	"path/filepath"
	"testing"
)

func TestABackupIsRestoredIntoAnotherFolder(t *testing.T) {
	o := newOperator(t)
	o.runs(0, "migrate")
	file := filepath.Join(o.folder, "backup.tar")
	stdout, _ := o.runs(0, "backup", file)
	wants(t, stdout, "was read again", "1 file")
	stdout, _ = o.runs(0, "restore", file, "--data", filepath.Join(o.folder, "other"))
	wants(t, stdout, "holds the backup of")
	_, stderr := o.runs(1, "restore", file)
	wants(t, stderr, "R3353")
}

func TestBackupsOfPostgreSQLAreItsOwnToolsWork(t *testing.T) {
	o := newOperator(t, "REBOUND_DATABASE=postgres://me@127.0.0.1:1/x")
	_, stderr := o.runs(1, "backup", filepath.Join(o.folder, "x"))
	wants(t, stderr, "R3358", "pg_dump", "media")
	_, stderr = o.runs(1, "restore", "x")
	wants(t, stderr, "R3359", "pg_restore")
}
