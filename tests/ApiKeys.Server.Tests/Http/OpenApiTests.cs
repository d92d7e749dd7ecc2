using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Http;

public sealed class OpenApiTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Document = "docs/openapi.json";

    /// <summary>A change of contract shows in review. To accept one: <c>scripts/openapi</c>.</summary>
    [Fact]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        using var client = server.CreateClient();
        var served = (await client.GetStringAsync("/swagger/v1/swagger.json")).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Repository.Root, Document);
        if (Environment.GetEnvironmentVariable("APIKEYS_ACCEPT_OPENAPI") is not null)
            await File.WriteAllTextAsync(file, served);

        Assert.Equal(await File.ReadAllTextAsync(file), served);
    }

    [Fact]
    public async Task Every_operation_says_its_scope_its_security_and_its_refusals()
    {
        using var client = server.CreateClient();
        var document = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/swagger/v1/swagger.json"));

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).ToList();
        Assert.NotEmpty(operations);
        Assert.All(operations, operation =>
        {
            if (operation.Value.Text("operationId") is not ("GetMe" or "RevokeMe")) // any key will do
                Assert.Contains("Requires the scope", operation.Value.Text("description"), StringComparison.Ordinal);

            Assert.NotEmpty(operation.Value.Text("summary")!);
            Assert.NotEmpty(operation.Value.Text("operationId")!);
            Assert.Equal(
                operation.Value.Text("operationId") == "IntrospectToken" ? ["X-API-Key", "Bearer", "Basic"] : ["X-API-Key", "Bearer"],
                operation.Value.GetProperty("security").EnumerateArray().Select(scheme => scheme.EnumerateObject().Single().Name));
            Assert.Subset(
                operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name).ToHashSet(),
                new HashSet<string> { "400", "401", "403", "500", "503" });
        });
    }

    [Fact]
    public async Task Swagger_UI_is_served()
    {
        using var client = server.CreateClient();

        Assert.Contains("swagger-ui", await client.GetStringAsync("/swagger"), StringComparison.Ordinal);
    }
}
