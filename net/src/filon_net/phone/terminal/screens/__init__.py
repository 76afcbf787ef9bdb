"""The screens of the terminal phone, one file each."""
