using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>The pages beside those of keys: whom they answer, and what they never show.</summary>
public sealed class PagesTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Hostile = "\"><script>alert(1)</script>";

    [Theory]
    [InlineData("/console/organization")]
    [InlineData("/console/organizations")]
    [InlineData("/console/organizations/new")]
    [InlineData("/console/organizations/default")]
    [InlineData("/console/members")]
    [InlineData("/console/members?organization=default")]
    [InlineData("/console/members/new")]
    [InlineData("/console/catalog")]
    [InlineData("/console/catalog?search=incidents")]
    [InlineData("/console/catalog?search=nothing-has-this-name")]
    [InlineData("/console/audit")]
    [InlineData("/console/audit?actor=nobody@example.com")]
    public async Task An_operator_has_every_page(string path)
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.GetAsync(path);

        Assert.Contains("</main>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/organization")]
    [InlineData("/console/members")]
    [InlineData("/console/members/new")]
    [InlineData("/console/catalog")]
    [InlineData("/console/audit")]
    public async Task An_administrator_sees_nothing_of_another_organization(string path)
    {
        using var console = await SignInToAsync("theirs");
        await server.AddMemberAsync($"{path.Replace('/', '.')}@default.example");
        var ours = await server.CreateKeyAsync();

        var page = await console.GetAsync(path);

        Assert.DoesNotContain("default.example", page, StringComparison.Ordinal);
        Assert.DoesNotContain(ours.KeyId, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/organizations", 403)]
    [InlineData("/console/organizations/default", 403)]
    [InlineData("/console/organizations/theirs", 403)]
    [InlineData("/console/members?organization=default", 403)]
    [InlineData("/console/members/0198f0c2-0000-7000-8000-000000000000", 404)]
    public async Task What_is_for_operators_or_elsewhere_is_refused_as_the_API_refuses_it(string path, int status)
    {
        using var console = await SignInToAsync("theirs");

        var page = await console.GetAsync(path, status);

        Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("admin@example.com", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/members/0198f0c2-0000-7000-8000-000000000000", "There is no member with this id in your organization.")]
    [InlineData("/console/members/nobody", "There is nothing here")]
    [InlineData("/console/organizations/nothing", "There is no organization with this slug.")]
    [InlineData("/console/nothing", "There is nothing here")]
    public async Task What_is_not_there_is_said_on_a_page(string path, string text)
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        Assert.Contains(text, await console.GetAsync(path, status: 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_its_page_does_not_have_does_nothing_and_leads_to_the_page()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        await console.SubmitAsync("/console/members?organization=default", "no-such-form", "/console/members?organization=default");
    }

    [Fact]
    public async Task Anothers_member_does_not_exist()
    {
        var id = await server.AddMemberAsync("hidden@default.example");
        using var console = await SignInToAsync("theirs");

        Assert.DoesNotContain("hidden@default.example", await console.GetAsync($"/console/members/{id}", 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_people_wrote_is_text_and_nothing_else()
    {
        await server.AddOrganizationAsync("hostile");
        await server.EditOrganizationAsync("hostile", new { name = Hostile });
        await server.AddMemberAsync("\"><script>alert(1)</script>@x", organization: "hostile");
        var id = await server.AddMemberAsync("names@hostile.example", "admin", "hostile");
        using (var edited = await server.Operator.PatchAsync($"/api/admin/members/{id}", new { firstname = Hostile, lastname = "{{7*7}}" }))
            edited.EnsureSuccessStatusCode();

        using var refused = await server.Operator.PatchAsync($"/api/admin/members/{Uri.EscapeDataString(Hostile)}", new { });
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        string[] paths =
        [
            "/console/organizations", "/console/organizations/hostile", "/console/members", $"/console/members/{id}", "/console/audit",
            $"/console/members?organization={Uri.EscapeDataString(Hostile)}", $"/console/catalog?search={Uri.EscapeDataString(Hostile)}",
            $"/console/audit?actor={Uri.EscapeDataString(Hostile)}", $"/console/members/new?organization={Uri.EscapeDataString(Hostile)}",
        ];
        foreach (var path in paths)
        {
            using var response = await console.Http.GetAsync(path);
            var page = await response.Content.ReadAsStringAsync();
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\"\"><", page, StringComparison.Ordinal);
            Assert.True(page.Contains("&gt;&lt;script&gt;alert(1)&lt;/script&gt;", StringComparison.Ordinal), path);
        }

        Assert.Contains("{{7*7}}", await console.GetAsync("/console/members"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_catalog_shows_scopes_with_what_they_open_and_the_keys_that_hold_them()
    {
        using var console = await SignInToAsync("theirs");

        var page = await console.GetAsync("/console/catalog?search=read+incidents");

        Assert.Contains("<code>incidents:read</code>", page, StringComparison.Ordinal);
        Assert.Contains("<code>GET /api/v1/incidents/*</code>", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/console/keys?scope=incidents%3Aread\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<code>members:write</code>", page, StringComparison.Ordinal);
    }

    /// <summary>As its administrator.</summary>
    private async Task<ConsoleClient> SignInToAsync(string organization)
    {
        using var present = await server.Operator.GetAsync($"/api/admin/organizations/{organization}");
        if (!present.IsSuccessStatusCode)
            await server.AddOrganizationAsync(organization);

        using var added = await server.Operator.PostAsJsonAsync("/api/admin/members", new { email = "boss@theirs.org", role = "admin", organization });
        var key = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" }, organization, owner = "boss@theirs.org" });
        return await ConsoleClient.SignInAsync(server, key.Value);
    }
}
