"""What the measurements share: servers, load, the machine, tables, plots. Standard library only."""
