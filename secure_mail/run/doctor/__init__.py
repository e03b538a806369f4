"""`secure-mail doctor`: looks at a deployment from outside and inside, and changes nothing.

Each module is one group of findings. What cannot be seen from here is `unknown`, never `ok`.
"""
