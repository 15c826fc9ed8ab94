"""What is shown: pages for people, made on the server, whole without a script."""
