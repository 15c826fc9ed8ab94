"""What is said in JSON: parse, one service call, the answer's struct as bytes."""
