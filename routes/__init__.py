"""What is said in JSON: parse, one service call, shape the answer."""
