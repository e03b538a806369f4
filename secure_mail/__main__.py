"""Lets `python -m secure_mail` do what the console script does."""

from secure_mail.run.cli import main

if __name__ == "__main__":
    main()
