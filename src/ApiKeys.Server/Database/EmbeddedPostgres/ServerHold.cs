namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// What keeps the server running: the FIFO that its supervisor reads from, open for writing, and a shared lock by which the last
/// of several holders knows that it is the last.
/// </summary>
internal sealed class ServerHold : IDisposable
{
    private readonly string _holders;
    private readonly FileStream _fifo;
    private readonly FileStream _shared;

    private ServerHold(string holders, FileStream fifo, FileStream shared)
    {
        _holders = holders;
        _fifo = fifo;
        _shared = shared;
    }

    /// <returns>Null where there is no FIFO: nobody of ours started the server.</returns>
    public static ServerHold? TryTake(string fifo, string holders)
    {
        if (!File.Exists(fifo))
            return null;

        // For reading too, so that opening never blocks; nobody but the supervisor reads from it.
        var open = new FileStream(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        return new ServerHold(holders, open, new FileStream(holders, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read));
    }

    /// <summary>Lets go, and tells whether anybody else still holds on.</summary>
    public bool Release()
    {
        Dispose();
        try
        {
            using var alone = new FileStream(_holders, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _shared.Dispose();
        _fifo.Dispose();
    }
}
