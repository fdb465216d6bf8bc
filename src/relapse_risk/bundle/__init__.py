"""What training leaves behind and scoring needs: one file, checked whole before anything is built from it."""
