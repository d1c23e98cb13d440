"""The ground everything stands on, with nothing about media: supervision, worker processes, time, logs, paths."""
