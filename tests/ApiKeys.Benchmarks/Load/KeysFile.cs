namespace ApiKeys.Benchmarks.Load;

/// <summary>What requests present, in a file for wrk that nobody else may read.</summary>
internal sealed class KeysFile : IDisposable
{
    private KeysFile(IEnumerable<string> lines) => File.WriteAllLines(Path, lines);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public static KeysFile Of(IEnumerable<ApiKeyValue> keys) => new(keys.Select(key => key.Reveal()));

    /// <summary>As many requests, without a key.</summary>
    public static KeysFile Anonymous(int requests) => new(Enumerable.Repeat("", requests));

    public void Dispose() => File.Delete(Path);
}
