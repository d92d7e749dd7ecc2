using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>Behind a proxy that ends TLS.</summary>
public sealed class SecureSessionTests(SecureSessionTests.BehindProxy server) : IClassFixture<SecureSessionTests.BehindProxy>
{
    [Fact]
    public async Task Over_TLS_the_cookie_is_taken_from_this_host_alone_and_sent_encrypted_only()
    {
        var visit = Visit.To(server);
        visit.Headers["X-Forwarded-Proto"] = "https";

        var answer = await visit.SignInAsync(server.OperatorKey.Value);

        var cookie = Assert.Single(answer.SetCookies);
        Assert.StartsWith("__Host-apikeys-session=", cookie, StringComparison.Ordinal);
        Assert.Equal(["path=/", "secure", "samesite=strict", "httponly"], cookie.Split("; ")[1..]);
        await visit.ShouldBeInAsync();
        await visit.SignOutAsync();
        await visit.ShouldBeOutAsync(ended: null);
    }

    [Fact]
    public async Task The_cookie_of_forms_is_as_strict()
    {
        var visit = Visit.To(server);
        visit.Headers["X-Forwarded-Proto"] = "https";

        var answer = await visit.GetAsync("/console/sign-in");

        Assert.Equal(["path=/", "secure", "samesite=strict", "httponly"], Assert.Single(answer.SetCookies).Split("; ")[1..]);
    }

    [Fact]
    public async Task A_session_that_began_encrypted_is_none_without()
    {
        var visit = Visit.To(server);
        visit.Headers["X-Forwarded-Proto"] = "https";
        await visit.SignInAsync(server.OperatorKey.Value);

        visit.Headers.Clear();

        await visit.ShouldBeOutAsync(ended: null);
    }

    public sealed class BehindProxy : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["TrustedProxies:0"] = "127.0.0.1",
            ["TrustedProxies:1"] = "::1",
        };
    }
}
