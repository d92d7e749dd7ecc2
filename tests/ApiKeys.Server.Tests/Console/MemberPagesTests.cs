using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

public sealed class MemberPagesTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_member_is_added_edited_and_removed_by_forms_and_each_is_audited()
    {
        await server.AddOrganizationAsync("acme");
        using var console = await ConsoleClient.SignInAsync(server, (await server.AddAdministratorAsync("acme")).Value);

        await console.SubmitAsync(
            "/console/members/new", "add-member", "/console/members?done=added",
            ("email", " Carol@acme.example "), ("firstname", "Carol"), ("lastname", "Doe"), ("role", "admin"));
        var list = await console.GetAsync("/console/members?done=added");
        Assert.Contains("The member was added.", list, StringComparison.Ordinal);
        Assert.Contains("Carol Doe", list, StringComparison.Ordinal);
        var path = $"/console/members/{await IdOfAsync("carol@acme.example")}";
        Assert.Contains($"href=\"{path}\"", list, StringComparison.Ordinal);
        var key = await server.CreateKeyAsync(new { name = "Carol's", roles = new[] { "admin" }, organization = "acme", owner = "carol@acme.example" });

        await console.SubmitAsync(
            path, "edit-member", "/console/members?done=saved", ("firstname", "Caroline"), ("lastname", ""), ("role", "admin"));
        Assert.Contains("value=\"Caroline\"", ConsoleClient.InputOf(await console.GetAsync(path), "firstname"), StringComparison.Ordinal);

        await console.SubmitAsync(path, "remove-member", "/console/members?done=removed", ("confirm", "yes"));
        await console.GetAsync(path, status: 404);
        await server.CallAsync(key.Value, "/api/admin/members").ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        Assert.Equal(
            ["member.created", "member.removed", "member.updated", "session.started"],
            (await server.DoneAsync("?actor=boss@acme.example")).Select(e => e.Text("action")).Where(action => action != "key.revoked").Order());
    }

    [Fact]
    public async Task A_form_that_is_refused_keeps_what_was_typed_and_says_why_beside_the_field()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync(
            "/console/members/new", "add-member", 400,
            ("email", "no email"), ("firstname", "Car\u202Eol"), ("lastname", "\"><script>alert(1)</script>"), ("role", "admin"), ("organization", "default"));

        Assert.Equal("Email is not an email address of 3 to 254 characters.", ConsoleClient.ErrorOf(page, "email"));
        Assert.Equal("First name must not contain control characters.", ConsoleClient.ErrorOf(page, "firstname"));
        Assert.Null(ConsoleClient.ErrorOf(page, "lastname"));
        Assert.Contains("aria-invalid=\"true\" aria-describedby=\"email-hint email-error\"", ConsoleClient.InputOf(page, "email"), StringComparison.Ordinal);
        Assert.DoesNotContain("aria-invalid", ConsoleClient.InputOf(page, "lastname"), StringComparison.Ordinal);
        Assert.Contains("value=\"no email\"", ConsoleClient.InputOf(page, "email"), StringComparison.Ordinal);
        Assert.Contains("value=\"&quot;&gt;&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.Matches("value=\"admin\" checked", page);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_removed_without_the_box()
    {
        var id = await server.AddMemberAsync("stays@example.com");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync($"/console/members/{id}", "remove-member", 400);

        Assert.Equal("This box must be ticked first.", ConsoleClient.ErrorOf(page, "confirm"));
        await console.GetAsync($"/console/members/{id}");
    }

    [Fact]
    public async Task Who_sends_a_form_of_a_member_that_is_gone_is_told_so()
    {
        var path = $"/console/members/{await server.AddMemberAsync("gone@example.com")}";
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        var page = await console.GetAsync(path);
        await console.SubmitAsync(path, "remove-member", "/console/members?done=removed", ("confirm", "yes"));

        using var sent = await console.SendFromAsync(page, path, "edit-member", ("firstname", "A"), ("lastname", "B"), ("role", "member"));

        Assert.Equal((303, path), ((int)sent.StatusCode, sent.Headers.Location?.OriginalString));
        Assert.Contains("There is no member with this id", await console.GetAsync(path, status: 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_takes_nothing_back_that_another_has_changed_since_it_was_opened()
    {
        var path = $"/console/members/{await server.AddMemberAsync("promoted@example.com")}";
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);
        var opened = await console.GetAsync(path);
        await console.SubmitAsync(path, "edit-member", "/console/members?done=saved", ("firstname", "Pro"), ("lastname", "Moted"), ("role", "admin"));

        using var sent = await console.SendFromAsync(
            opened, path, "edit-member", [.. ConsoleClient.HiddenOf(opened), ("firstname", ""), ("lastname", "Family"), ("role", "member")]);

        Assert.Equal(303, (int)sent.StatusCode);
        var page = await console.GetAsync(path);
        Assert.Contains("value=\"Pro\"", ConsoleClient.InputOf(page, "firstname"), StringComparison.Ordinal);
        Assert.Contains("value=\"Family\"", ConsoleClient.InputOf(page, "lastname"), StringComparison.Ordinal);
        Assert.Matches("value=\"admin\" checked", page);
    }

    [Fact]
    public async Task The_last_administrator_stays_and_the_page_says_why()
    {
        await server.AddOrganizationAsync("lonely");
        var id = await server.AddMemberAsync("one@lonely.example", "admin", "lonely");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.RefusedAsync($"/console/members/{id}", "remove-member", 409, ("confirm", "yes"));

        Assert.Contains("This is the last administrator of the organization.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_removes_himself_is_signed_out()
    {
        await server.AddOrganizationAsync("leaver");
        var id = await server.AddMemberAsync("me@leaver.example", "admin", "leaver");
        await server.AddMemberAsync("other@leaver.example", "admin", "leaver");
        var key = await server.CreateKeyAsync(new { name = "Mine", roles = new[] { "admin" }, organization = "leaver", owner = "me@leaver.example" });
        using var console = await ConsoleClient.SignInAsync(server, key.Value);
        Assert.Contains("This is you", await console.GetAsync($"/console/members/{id}"), StringComparison.Ordinal);

        await console.SubmitAsync($"/console/members/{id}", "remove-member", "/console/members?done=removed", ("confirm", "yes"));

        using var after = await console.Http.GetAsync("/console/members?done=removed");
        Assert.EndsWith("ended=revoked_key", after.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    private async Task<string> IdOfAsync(string email) =>
        (await server.QuerySqlAsync<Guid>($"select id as \"Value\" from members where email = {email}")).Single().ToString();
}
