"""What every command needs: settings, a database, signals, progress, errors."""
