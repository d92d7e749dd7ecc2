namespace ApiKeys.Benchmarks;

/// <summary>What the person at the terminal can mend, or should know, in words.</summary>
internal sealed class BenchException(string message) : Exception(message);
