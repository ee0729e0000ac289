"""Thinking: prompt, llama.cpp in a worker process, N candidate replies."""
