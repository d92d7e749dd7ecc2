using System.CommandLine;
using ApiKeys.Server.Database;

namespace ApiKeys.Server.Bootstrap;

/// <summary>What the program does instead of serving: <c>create-admin</c>, <c>migrate</c>, and help.</summary>
internal static class Commands
{
    /// <summary>Options go to the host, as with every ASP.NET Core program; a word is a command.</summary>
    public static bool AreIn(string[] args) => args is [var first, ..] && (first[..Math.Min(1, first.Length)] != "-" || first is "-h" or "-?" or "--help" or "--version");

    public static Task<int> RunAsync(string[] args)
    {
        var email = new Option<string>("--email") { Description = "The email of the administrator.", Required = true };
        email.Validators.Add(result =>
        {
            if (!IsEmail(result.GetValueOrDefault<string>()))
                result.AddError("--email is not an email address.");
        });

        var createAdmin = new Command("create-admin", "Makes an operator key and prints it on the last line. Works while the host runs.") { email };
        createAdmin.SetAction((parsed, cancellationToken) => WithServicesAsync(
            services => CreateAdminAsync(services, parsed.GetRequiredValue(email), cancellationToken), cancellationToken));

        var migrate = new Command("migrate", "Brings the database to the schema of this version, and exits.");
        migrate.SetAction((_, cancellationToken) => WithServicesAsync(_ => Task.CompletedTask, cancellationToken));

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
        Console.WriteLine($"An operator key for {key.CreatedBy}, until {key.ExpiresAt:yyyy-MM-dd}. Store it now, it is not shown again:");
        Console.WriteLine(value.Reveal());
    }

    private static async Task<int> WithServicesAsync(Func<IServiceProvider, Task> action, CancellationToken cancellationToken)
    {
        var builder = ServerBuilder.Create([]);
        builder.Configuration["Serilog:MinimumLevel:Default"] = "Warning";
        await using var database = await builder.AddServerAsync(forCommand: true, cancellationToken);
        await using var app = builder.Build();
        await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(cancellationToken);
        await using var scope = app.Services.CreateAsyncScope();
        await action(scope.ServiceProvider);
        return 0;
    }

    private static bool IsEmail(string? text) =>
        text is { Length: >= 3 and <= 254 }
        && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && at == text.LastIndexOf('@')
        && !text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character));
}
