"""What is stored: async use cases around the engine, the store, the clock."""
