using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>samples/IncidentsApi, a process of its own, against a service that is reached by a socket.</summary>
public sealed class IncidentsApiTests(IncidentsApiTests.Service service) : IClassFixture<IncidentsApiTests.Service>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task The_sample_is_guarded_by_keys_of_the_service()
    {
        await using var sample = await StartAsync();
        var (key, other) = (await service.CreateKeyAsync("incidents:read"), await service.CreateKeyAsync("search:read"));

        await sample.GetAsync("/incidents").ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
        await sample.GetAsync("/incidents", "garbage").ShouldBeInvalidKeyAsync();
        await sample.GetAsync("/incidents", other.Value).ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: incidents:read", "Bearer error=\"insufficient_scope\", scope=\"incidents:read\"");
        await sample.GetAsync("/incidents", key.Value).ShouldBeAcceptedAsync();
        using var who = await sample.GetAsync("/whoami", other.Value);
        Assert.Equal("A key", (await who.ReadJsonAsync(200)).Text("key"));

        for (var i = 0; i < 10; i++)
        {
            var doomed = await service.CreateKeyAsync("incidents:read");
            await sample.GetAsync("/incidents", doomed.Value).ShouldBeAcceptedAsync();
            Assert.Equal(2, (await service.RevokeAsync(doomed.KeyId)).GetProperty("propagation").GetProperty("confirmed").GetInt32());
            await sample.GetAsync("/incidents", doomed.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        }

        Assert.Equal(0, await sample.StopAsync());
        Assert.Equal(1, await CountLeasesAsync());
        Assert.DoesNotContain(key.Value.Split('_')[^1], sample.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoke_waits_for_a_sample_that_stands_still_and_what_goes_on_refuses_the_key()
    {
        await using var sample = await StartAsync();
        var key = await service.CreateKeyAsync("incidents:read");
        await sample.GetAsync("/incidents", key.Value).ShouldBeAcceptedAsync();

        await sample.SuspendAsync();
        var propagation = (await service.RevokeAsync(key.KeyId)).GetProperty("propagation");
        await sample.ResumeAsync();

        await sample.GetAsync("/incidents", key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        Assert.Equal(1, propagation.GetProperty("confirmed").GetInt32());
        Assert.InRange(propagation.GetProperty("elapsed_ms").GetInt64(), Lease.TotalMilliseconds / 2, 10 * Lease.TotalMilliseconds);
    }

    [Fact]
    public async Task Its_document_says_what_each_endpoint_asks_for()
    {
        await using var sample = await StartAsync();

        using var answer = await sample.GetAsync("/swagger/v1/swagger.json");
        var document = await answer.ReadJsonAsync(200);

        var operation = document.GetProperty("paths").GetProperty("/incidents").GetProperty("get");
        Assert.Equal("Requires the scope `incidents:read`.", operation.Text("description"));
        Assert.Equal(["X-API-Key", "Bearer"], operation.GetProperty("security").EnumerateArray().Select(scheme => scheme.EnumerateObject().Single().Name));
        Assert.Equal(["200", "401", "403", "429", "503"], operation.GetProperty("responses").EnumerateObject().Select(response => response.Name).Order());
        Assert.Equal(
            "X-API-Key", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("X-API-Key").Text("name"));
    }

    [Fact]
    public async Task Without_a_credential_it_does_not_start_and_says_what_to_do()
    {
        var (exitCode, output) = await HostProcess.RunAsync(Program, new Dictionary<string, string?> { ["ApiKeys:Address"] = service.Address.ToString(), ["ApiKeys:Credential"] = " " });

        Assert.NotEqual(0, exitCode);
        Assert.Contains("ApiKeyOptions.Credential is not set", output, StringComparison.Ordinal);
    }

    private async Task<HostProcess> StartAsync()
    {
        var credential = await service.CreateKeyAsync(new { name = "Incidents API", roles = new[] { "verifier" } });
        var sample = await HostProcess.StartAsync(
            new Dictionary<string, string?> { ["ApiKeys:Address"] = service.Address.ToString(), ["ApiKeys:Credential"] = credential.Value }, Program);
        await Eventually.TrueAsync(() => sample.Output.Contains("Linked to the ApiKeys service", StringComparison.Ordinal), () => sample.Output);
        await Eventually.TrueAsync(() => CountLeasesAsync().GetAwaiter().GetResult() == 2, () => sample.Output);
        return sample;
    }

    private async Task<int> CountLeasesAsync() =>
        (await service.Services.GetRequiredService<IClusterStore>().LookAsync(default)).Leases.Count;

    /// <summary>As it was built with this very test.</summary>
    public static string Program => Path.Combine(
        Repository.Root, "samples/IncidentsApi/bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug",
        "net10.0/IncidentsApi.dll");

    /// <summary>With leases that end soon.</summary>
    public sealed class Service : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } =
            new Dictionary<string, string> { ["Lookup:LeaseSeconds"] = $"{Lease.TotalSeconds}" };
    }
}
