using System.Net.Sockets;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Bootstrap;

/// <summary>The first words to whoever starts the program: what to do next, or what is wrong.</summary>
internal static class StartUp
{
    /// <summary>What the person at the terminal can mend is told in words, without a stack trace.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is ConfigurationException or DatabaseStartException)
        {
            await System.Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <exception cref="DatabaseStartException">The database is away, or does not let us.</exception>
    public static async Task MigrateAsync(IHost app, CancellationToken cancellationToken)
    {
        try
        {
            await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(cancellationToken);
        }
        catch (Exception exception) when (exception.GetBaseException() is PostgresException refused)
        {
            throw new DatabaseStartException($"The database refused to be prepared: {refused.SqlState} {refused.MessageText}");
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            throw new DatabaseStartException(
                $"The database cannot be reached: {exception.GetBaseException().Message}\n"
                + "Check ConnectionStrings__ApiKeys, or leave it out to use the embedded PostgreSQL.");
        }
    }

    /// <exception cref="ConfigurationException">An address is taken, or is none.</exception>
    public static async Task ListenAsync(IHost app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ConfigurationException([$"Cannot listen: {exception.Message} Choose another address: --urls http://localhost:5081"]);
        }
    }

    /// <summary>In Development the first start prints an operator's key, once, and to nobody but standard output.</summary>
    public static async Task WelcomeAsync(WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return;

        await using var scope = app.Services.CreateAsyncScope();
        var first = await scope.ServiceProvider.GetRequiredService<OperatorKeys>().CreateFirstAsync(CancellationToken.None);
        if (first is null)
            return;

        var url = app.Urls.First();
        System.Console.WriteLine($"""

              ApiKeys runs at {url}. Your operator key, shown this once:

                  {first.Reveal()}

              Sign in with it at {url}/console, paste it into Authorize at {url}/swagger, or try:

                  curl -H 'X-API-Key: {first.Reveal()}' {url}/api/admin/api-keys

            """);
    }
}
