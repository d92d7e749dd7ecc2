using System.Net;
using System.Net.Sockets;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>For programs that cannot say which port the system has given them.</summary>
internal static class FreePort
{
    private static int _last = 20_000 + (Environment.ProcessId % 10_000);

    /// <summary>Below those that the system gives to connections, which could take one before the program does.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _last);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
