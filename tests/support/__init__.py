"""What several tests share: time, worlds, and a real wiki."""
