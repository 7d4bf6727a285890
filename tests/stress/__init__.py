"""The long trials of docs/reliability.md, run by `make stress`, which prints what became of each as a table."""
