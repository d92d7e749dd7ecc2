namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// A shell that starts the server, says so, and then waits for the end of the FIFO that its users hold open: the kernel closes
/// their ends however they die. Then, with the lock that joining takes as well, it looks once more whether anybody has come
/// meanwhile, and stops the server that it started, and none that came after it. Signals meant for us, such as Ctrl-C, pass
/// it by. Where there is no flock and no timeout (macOS) it does not look once more.
/// </summary>
internal static class Supervisor
{
    private const string Script = """
        trap '' HUP INT QUIT TERM PIPE
        pg_ctl=$1 cluster=$2 fifo=$3 lock=$4 log=$5 sockets=$6 seconds=$7
        exec 3<"$fifo"
        "$pg_ctl" start --silent --wait --timeout "$seconds" --pgdata "$cluster" --log "$log" 3<&- ||
            { "$pg_ctl" stop --silent --mode immediate --pgdata "$cluster"; exit 1; }
        runs() { [ "$(head -n 1 "$cluster/postmaster.pid" 2>/dev/null)" = "$server" ]; }
        server=$(head -n 1 "$cluster/postmaster.pid")
        echo ready
        while cat <&3 >/dev/null; do
            command -v flock >/dev/null && command -v timeout >/dev/null && [ -r "$lock" ] || break
            exec 4<"$lock"
            flock 4
            timeout 0.1 cat <&3 >/dev/null
            [ $? -eq 124 ] || break
            exec 4<&-
        done
        runs && kill -INT "$server"
        for i in 1 2 3 4 5 6 7 8 9 10; do runs && sleep 0.5; done
        rmdir "$sockets" 2>/dev/null
        """;

    /// <summary>Who calls it holds the FIFO already: the server would stop at once otherwise.</summary>
    /// <returns>Null when the server is ready, else what went wrong.</returns>
    public static async Task<string?> StartAsync(
        ClusterFolder folder, string sockets, PostgresPrograms programs, ServerAccount account, int timeoutSeconds,
        CancellationToken cancellationToken)
    {
        using var shell = account.Start("/bin/sh",
        [
            "-c", Script, "sh", programs.PgCtl, folder.Cluster, folder.Fifo, folder.Lock,
            Path.Combine(folder.Logs, "start.log"), sockets, $"{timeoutSeconds}",
        ]);
        return await shell.StandardOutput.ReadLineAsync(cancellationToken) == "ready"
            ? null
            : (await shell.StandardError.ReadToEndAsync(cancellationToken)).Trim();
    }
}
