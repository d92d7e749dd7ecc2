using System.Text.RegularExpressions;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>The database goes away in the middle of what makes a value, and perhaps after it was done: the form is then sent again as the same.</summary>
public sealed partial class UncertainFormTests(TestServer server) : IClassFixture<TestServer>
{
    private const string AdminShutdown = "57P01";

    [Fact]
    public async Task A_new_key_whose_answer_was_503_is_asked_for_again_as_the_same_and_after_a_refusal_as_another()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        var first = OnceIn(await console.GetAsync("/console/keys/new"));

        await FailAsync("insert", "api_keys");
        var unavailable = await console.RefusedAsync("/console/keys/new", "create", 503, Form(first));
        await MendAsync("api_keys");
        Assert.Equal(first, OnceIn(unavailable));

        var refused = await console.RefusedAsync("/console/keys/new", "create", 400, ("name", "Sure"), ("expiry", "30"), ("once", first));
        Assert.NotEqual(first, OnceIn(refused));
    }

    [Fact]
    public async Task A_rotation_too()
    {
        var key = await server.CreateKeyAsync();
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        var path = $"/console/keys/{key.KeyId}/rotate";
        var first = OnceIn(await console.GetAsync(path));

        await FailAsync("update", "api_keys");
        var unavailable = await console.RefusedAsync(path, "rotate", 503, ("grace", "7"), ("once", first));
        await MendAsync("api_keys");

        Assert.Equal(first, OnceIn(unavailable));
    }

    private static (string Name, string Value)[] Form(string once) =>
        [("name", "Sure"), ("expiry", "30"), ("environment", "live"), ("scopes", "search:read"), ("once", once)];

    private static string OnceIn(string page) => Once.Match(page).Groups["once"].Value is { Length: > 0 } once ? once : throw new InvalidOperationException(page);

    private Task FailAsync(string operation, string table) => server.ExecuteSqlWithoutWaitingAsync(
        System.Runtime.CompilerServices.FormattableStringFactory.Create(
            $$"""
            create function fail() returns trigger language plpgsql as $f$ begin raise exception 'away' using errcode = '{{AdminShutdown}}'; end $f$;
            create trigger fail before {{operation}} on {{table}} for each row execute function fail();
            """));

    private Task MendAsync(string table) => server.ExecuteSqlWithoutWaitingAsync(
        System.Runtime.CompilerServices.FormattableStringFactory.Create($"drop trigger fail on {table}; drop function fail();"));

    [GeneratedRegex("name=\"once\" value=\"(?<once>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Once { get; }
}
