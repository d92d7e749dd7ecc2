using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Database.EmbeddedPostgres;
using Microsoft.AspNetCore.Connections;

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
        catch (Exception exception) when (exception is ConfigurationException or EmbeddedPostgresException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            await Console.Error.WriteLineAsync(
                $"The database cannot be reached: {exception.GetBaseException().Message}\n"
                + "Check ConnectionStrings__ApiKeys, or leave it out to use the embedded PostgreSQL.");
        }

        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}\nChoose another one: --urls http://localhost:5081");
        }

        return 1;
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
        Console.WriteLine($"""

              ApiKeys runs at {url}. Your operator key, shown this once:

                  {first.Reveal()}

              Paste it into Authorize at {url}/swagger, or try:

                  curl -H 'X-API-Key: {first.Reveal()}' {url}/api/admin/api-keys

            """);
    }
}
