using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

public sealed class OrganizationPagesTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task An_organization_is_created_edited_suspended_and_resumed_by_forms_and_each_is_audited()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        const string Path = "/console/organizations/acme";

        await console.SubmitAsync(
            "/console/organizations/new", "create-organization", $"{Path}?done=created", ("slug", "acme"), ("name", "ACME"), ("plan", "pro"));
        await console.SubmitAsync(
            Path, "edit-organization", $"{Path}?done=saved",
            ("name", "ACME Security"), ("plan", "ultra"), ("requests", "100"), ("window_seconds", "60"));
        var page = await console.GetAsync(Path);
        Assert.Contains("<bdi>ACME Security</bdi>", page, StringComparison.Ordinal);
        Assert.Contains("100 requests in 60 seconds", page, StringComparison.Ordinal);
        Assert.Contains("0 of 10 keys", page, StringComparison.Ordinal);

        await console.SubmitAsync(
            Path, "edit-organization", $"{Path}?done=saved", ("name", "ACME Security"), ("plan", "ultra"), ("requests", ""), ("window_seconds", ""));
        await console.SubmitAsync(Path, "suspend-organization", $"{Path}?done=suspended", ("confirm", "yes"));
        Assert.Contains("Suspended", await console.GetAsync("/console/organizations"), StringComparison.Ordinal);
        await console.SubmitAsync(Path, "resume-organization", $"{Path}?done=resumed");

        Assert.Equal(
            [
                """{"suspended":{"from":true,"to":false}}""",
                """{"suspended":{"from":false,"to":true}}""",
                """{"rate_limit":{"from":{"requests":100,"window_seconds":60},"to":null}}""",
                """{"name":{"from":"ACME","to":"ACME Security"},"plan":{"from":"pro","to":"ultra"},"rate_limit":{"from":null,"to":{"requests":100,"window_seconds":60}}}""",
            ],
            (await server.DoneAsync("?action=organization.updated")).Where(e => e.GetProperty("target").Text("id") == "acme")
                .Select(e => e.GetProperty("changes").GetRawText()));
    }

    [Theory]
    [InlineData("", "60", "Rate limit must have 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.")]
    [InlineData("100", "", "Rate limit must have 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.")]
    [InlineData("100", "90000", "Rate limit must have 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.")]
    [InlineData("many", "60", "Rate limit is not known here, stands here twice, or is not of the right type.")]
    public async Task A_rate_limit_that_is_refused_stays_as_it_was_typed(string requests, string seconds, string error)
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync(
            "/console/organizations/default", "edit-organization", 400,
            ("name", "Kept"), ("plan", "enterprise"), ("requests", requests), ("window_seconds", seconds));

        Assert.Equal(error, ConsoleClient.ErrorOf(page, "rate_limit"));
        Assert.Contains($"value=\"{requests}\"", ConsoleClient.InputOf(page, "requests"), StringComparison.Ordinal);
        Assert.Contains($"value=\"{seconds}\"", ConsoleClient.InputOf(page, "window_seconds"), StringComparison.Ordinal);
        Assert.Contains("value=\"Kept\"", ConsoleClient.InputOf(page, "name"), StringComparison.Ordinal);
        Assert.DoesNotContain("Kept", await console.GetAsync("/console/organizations/default"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_takes_nothing_back_that_another_has_changed_since_it_was_opened()
    {
        await server.AddOrganizationAsync("busy", "pro");
        const string Path = "/console/organizations/busy";
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        var opened = await console.GetAsync(Path);
        await server.EditOrganizationAsync("busy", new { plan = "ultra", rate_limit = new { requests = 100, window_seconds = 60 } });

        using var sent = await console.SendFromAsync(
            opened, Path, "edit-organization",
            [.. ConsoleClient.HiddenOf(opened), ("name", "Busy Ltd"), ("plan", "pro"), ("requests", ""), ("window_seconds", "")]);

        Assert.Equal(303, (int)sent.StatusCode);
        Assert.Equal(
            """{"name":{"from":"busy","to":"Busy Ltd"}}""",
            (await server.DoneAsync("?action=organization.updated")).First(e => e.GetProperty("target").Text("id") == "busy").GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task A_slug_that_cannot_be_is_refused_beside_its_field()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync(
            "/console/organizations/new", "create-organization", 400, ("slug", "No Slug"), ("name", " "), ("plan", "starter"));

        Assert.Equal("Slug must be 1 to 64 lowercase letters, digits and single hyphens between them.", ConsoleClient.ErrorOf(page, "slug"));
        Assert.NotNull(ConsoleClient.ErrorOf(page, "name"));
        Assert.Contains("value=\"No Slug\"", ConsoleClient.InputOf(page, "slug"), StringComparison.Ordinal);
        Assert.Contains("value=\"starter\" selected", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_suspended_without_the_box_and_default_not_at_all()
    {
        await server.AddOrganizationAsync("steady");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync("/console/organizations/steady", "suspend-organization", 400);
        Assert.Equal("This box must be ticked first.", ConsoleClient.ErrorOf(page, "confirm"));
        Assert.Contains("The organization &#x27;default&#x27; cannot be suspended", await console.RefusedAsync(
            "/console/organizations/default", "suspend-organization", 409, ("confirm", "yes")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_sees_how_much_of_his_plan_is_used_and_can_change_nothing_of_it()
    {
        await server.AddOrganizationAsync("small", "pro");
        var administrator = await server.AddAdministratorAsync("small");
        for (var i = 0; i < 3; i++)
            await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, organization = "small" });

        using var console = await ConsoleClient.SignInAsync(server, administrator.Value);
        var page = await console.GetAsync("/console/organization");

        Assert.Contains("3 of 5 keys", page, StringComparison.Ordinal);
        Assert.Contains("<progress value=\"3\" max=\"5\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("edit-organization", page, StringComparison.Ordinal);
        await console.SubmitAsync(
            "/console/organization", "edit-organization", "/console/organization", ("name", "Mine"), ("plan", "enterprise"));
        Assert.DoesNotContain(
            await server.DoneAsync("?action=organization.updated"), e => e.GetProperty("target").Text("id") == "small");
    }

    [Fact]
    public async Task An_operator_sees_his_own_organization_without_naming_it()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        Assert.Contains("keys, no limit", await console.GetAsync("/console/organization"), StringComparison.Ordinal);
    }
}
