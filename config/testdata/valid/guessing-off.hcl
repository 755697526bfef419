guessing { enabled = false }
