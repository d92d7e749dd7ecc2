using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using ApiKeys.Server.Console.Sessions;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ApiKeys.Server.Tests.Console;

/// <summary>Only the browser that signed in has what it takes, and only until it signs out.</summary>
public sealed class SessionSecrecyTests(TestServer server) : IClassFixture<TestServer>
{
    private const string NameClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    private ISecureDataFormat<AuthenticationTicket> Seal =>
        server.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SessionGate.Scheme).TicketDataFormat;

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites()
    {
        var visit = Visit.To(server);

        var answer = await visit.SignInAsync(server.OperatorKey.Value);

        var cookie = Assert.Single(answer.SetCookies, cookie => cookie.StartsWith("apikeys-session=", StringComparison.Ordinal));
        Assert.Equal(["path=/", "samesite=strict", "httponly"], cookie.Split("; ")[1..]); // not kept when the browser closes
        Assert.Contains("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_signs_out_ends_the_session_for_a_copy_of_the_cookie_too()
    {
        var visit = await Visit.SignedInAsync(server);
        var copy = visit.CopyTo(server);
        await copy.ShouldBeInAsync();
        await visit.GetAsync("/console/keys");

        await visit.SignOutAsync();

        Assert.DoesNotContain(Visit.SessionCookie, visit.Cookies.Keys);
        await copy.ShouldBeOutAsync();
    }

    [Fact]
    public async Task Who_signs_in_gets_a_session_that_nobody_knew_before_and_the_one_before_ends()
    {
        var planted = await Visit.SignedInAsync(server, (await server.CreateKeyAsync("api-keys:read")).Value);
        var victim = planted.CopyTo(server);

        Assert.Equal(303, (await victim.SignInAsync(server.OperatorKey.Value)).Status);

        await victim.ShouldBeInAsync();
        Assert.NotEqual(NameOf(planted.Session), NameOf(victim.Session));
        await planted.ShouldBeOutAsync();
    }

    [Fact]
    public async Task Who_signs_in_with_the_cookie_of_a_session_that_has_just_ended_is_in()
    {
        var key = await server.CreateKeyAsync("api-keys:read");
        var visit = Visit.To(server);
        await visit.GetAsync("/console/sign-in");
        visit.Cookies[Visit.SessionCookie] = (await Visit.SignedInAsync(server, key.Value)).Session; // in another window
        await server.RevokeAsync(key.KeyId);

        await visit.PostAsync("/console/sign-in", ("_handler", "sign-in"), ("api_key", server.OperatorKey.Value));

        await visit.ShouldBeInAsync();
    }

    [Fact]
    public async Task What_the_database_has_is_not_enough_to_be_somebody()
    {
        var visit = await Visit.SignedInAsync(server);
        var name = NameOf(visit.Session);
        var ids = await server.QuerySqlAsync<byte[]>($"select id as \"Value\" from console_sessions");
        Assert.Contains(ids, id => id.SequenceEqual(SHA256.HashData(Encoding.ASCII.GetBytes(name))));
        var found = await server.QuerySqlAsync<bool>(
            $"select position({Encoding.ASCII.GetBytes(name)} in ticket) > 0 or position({Encoding.ASCII.GetBytes(visit.Session)} in ticket) > 0 as \"Value\" from console_sessions");
        Assert.All(found, Assert.False);
        var tables = await TablesAsync();
        Assert.Contains("data_protection_keys", tables, StringComparison.Ordinal);
        Assert.DoesNotContain(name, tables, StringComparison.Ordinal);
        Assert.DoesNotContain(visit.Session, tables, StringComparison.Ordinal);

        // With the keys of data protection one can seal cookies, but there is nothing to put into them.
        var thief = Visit.To(server);
        foreach (var id in ids)
        {
            foreach (var guess in (string[])[Convert.ToHexStringLower(id), Convert.ToBase64String(id), Encoding.Latin1.GetString(id)])
            {
                thief.Cookies[Visit.SessionCookie] = Sealed(guess);
                await thief.ShouldBeOutAsync();
            }
        }

        thief.Cookies[Visit.SessionCookie] = Sealed(name);
        await thief.ShouldBeInAsync(); // so it was sealed rightly
    }

    [Fact]
    public async Task The_key_that_was_presented_is_in_no_table_and_in_no_log()
    {
        var secret = server.OperatorKey.Value[^49..^10];
        await Visit.SignedInAsync(server);
        await Visit.To(server).SignInAsync(server.OperatorKey.Value + "0");

        Assert.DoesNotContain(secret, await TablesAsync(), StringComparison.Ordinal);
        Assert.Contains(server.Logs.Lines, line => line.Contains("POST /console/sign-in answered 303", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }

    private async Task<string> TablesAsync() =>
        (await server.QuerySqlAsync<string>($"select database_to_xml(true, false, '')::text as \"Value\"")).Single();

    private string NameOf(string cookie) => Seal.Unprotect(cookie)!.Principal.FindFirstValue(NameClaim)!;

    private string Sealed(string name) => Seal.Protect(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(NameClaim, name)], SessionGate.Scheme)), SessionGate.Scheme));
}
