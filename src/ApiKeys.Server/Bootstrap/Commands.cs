using System.CommandLine;
using ApiKeys.Server.Http;

namespace ApiKeys.Server.Bootstrap;

/// <summary>What the program does instead of serving: <c>create-admin</c>, <c>migrate</c>, and help.</summary>
internal static class Commands
{
    /// <summary>Options go to the host, as with every ASP.NET Core program; a first word is a command, and so is a known one anywhere.</summary>
    public static bool AreIn(string[] args) =>
        (args.Length > 0 && !args[0].StartsWith('-')) || args.Any(arg => arg is "create-admin" or "migrate" or "-h" or "-?" or "--help" or "--version");

    public static Task<int> RunAsync(string[] args)
    {
        var email = new Option<string>("--email") { Description = "The email of the administrator.", Required = true };
        email.Validators.Add(result =>
        {
            if (!TextRules.IsEmail(result.GetValueOrDefault<string>()))
                result.AddError("--email is not an email address.");
        });

        var createAdmin = new Command("create-admin", "Makes an operator key and prints it on the last line. Works while the host runs.") { email };
        createAdmin.SetAction((parsed, cancellationToken) => WithServicesAsync(
            services => CreateAdminAsync(services, parsed.GetRequiredValue(email), cancellationToken), cancellationToken));

        var migrate = new Command("migrate", "Brings the database to the schema of this version, and exits.");
        migrate.SetAction((_, cancellationToken) => WithServicesAsync(
            _ => System.Console.Out.WriteLineAsync("The database has the current schema."), cancellationToken));

        var root = new RootCommand("ApiKeys. Without a command it serves; options then go to the host, such as --urls http://localhost:5080.")
        {
            createAdmin,
            migrate,
        };
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task CreateAdminAsync(IServiceProvider services, string email, CancellationToken cancellationToken)
    {
        var (key, value) = await services.GetRequiredService<OperatorKeys>().CreateAsync(email, cancellationToken);
        System.Console.WriteLine($"An operator key for {key.CreatedBy}, until {key.ExpiresAt:yyyy-MM-dd}. Store it now, it is not shown again:");
        System.Console.WriteLine(value.Reveal());
    }

    private static async Task<int> WithServicesAsync(Func<IServiceProvider, Task> action, CancellationToken cancellationToken)
    {
        var builder = ServerBuilder.Create([]);
        builder.Configuration["Serilog:MinimumLevel:Default"] = "Warning";
        await using var database = await builder.AddServerAsync(forCommand: true, cancellationToken);
        await using var app = builder.Build();
        await StartUp.MigrateAsync(app, cancellationToken);
        await using var scope = app.Services.CreateAsyncScope();
        await action(scope.ServiceProvider);
        return 0;
    }
}
