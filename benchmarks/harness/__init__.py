"""What every case shares: running, measuring, comparing, writing."""
