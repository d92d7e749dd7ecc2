using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>The scheme beside others, and who writes the body of its refusals.</summary>
public sealed class SeveralSchemesTests
{
    private const string Missing = "No API key was presented. Send one as 'X-API-Key: <key>' or as 'Authorization: Bearer <key>'.";

    [Fact]
    public async Task Where_a_policy_asks_for_cookies_after_keys_the_login_page_is_the_answer()
    {
        await using var api = await StartAsync("ApiKey", "Cookies");

        var refused = await api.SendAsync("/", key: null);

        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        Assert.Equal("/Account/Login", refused.Headers.Location!.AbsolutePath);
        Assert.Empty(await refused.Content.ReadAsStringAsync());
        Assert.Equal("in", await api.TextAsync("/"));
    }

    [Fact]
    public async Task Where_a_policy_asks_for_keys_last_their_problem_is_the_answer()
    {
        await using var api = await StartAsync("Cookies", "ApiKey");

        await ShouldBeAsync(await api.SendAsync("/", key: null), 401, "missing_credentials", "Missing API key", Missing, "Bearer realm=\"api\"");
        Assert.Equal("in", await api.TextAsync("/"));
    }

    [Fact]
    public async Task A_forbidden_key_is_told_so_by_the_last_scheme_too()
    {
        await using var keysFirst = await StartAsync("ApiKey", "Cookies");
        await using var keysLast = await StartAsync("Cookies", "ApiKey");

        var denied = await keysFirst.SendAsync("/nobody");
        Assert.Equal("/Account/AccessDenied", denied.Headers.Location!.AbsolutePath);
        await ShouldBeAsync(
            await keysLast.SendAsync("/nobody"), 403, "forbidden", "Forbidden", "The API key may not do this. Ask an administrator what it lacks.");
    }

    [Fact]
    public async Task The_challenge_of_another_scheme_stays_beside_ours()
    {
        await using var api = await SmallApi.StartAsync(
            services => services.AddApiKeyScheme().AddScheme<AuthenticationSchemeOptions, OtherScheme>("Other", configureOptions: null),
            app => app.MapGet("/", () => "in").RequireAuthorization(policy => policy.AddAuthenticationSchemes("Other", "ApiKey").RequireAuthenticatedUser()));

        var refused = await api.SendAsync("/", key: null);

        Assert.Equal(["Other", "Bearer realm=\"api\""], refused.Headers.WwwAuthenticate.Select(challenge => challenge.ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_body_is_written_whether_authorization_is_added_before_the_scheme_or_after(bool before)
    {
        await using var api = await SmallApi.StartAsync(
            services =>
            {
                if (before)
                    services.AddAuthorization();

                services.AddApiKeyScheme();
            },
            app => app.MapGet("/", [Authorize] () => "in"));

        await ShouldBeAsync(await api.SendAsync("/", key: null), 401, "missing_credentials", "Missing API key", Missing, "Bearer realm=\"api\"");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_result_handler_of_the_application_stays_and_may_have_the_body_written(bool before)
    {
        await using var api = await SmallApi.StartAsync(
            services =>
            {
                if (before)
                    services.AddSingleton<IAuthorizationMiddlewareResultHandler, OwnHandler>();

                services.AddApiKeyScheme();
                if (!before)
                    services.AddSingleton<IAuthorizationMiddlewareResultHandler, OwnHandler>();
            },
            app => app.MapGet("/", [Authorize] () => "in"));

        var bare = await api.SendAsync("/", key: null);
        var written = await api.SendAsync("/", key: null, OwnHandler.Header);

        Assert.Equal(HttpStatusCode.Unauthorized, bare.StatusCode);
        Assert.Equal("Bearer realm=\"api\"", bare.Headers.WwwAuthenticate.ToString());
        Assert.Empty(await bare.Content.ReadAsStringAsync());
        await ShouldBeAsync(written, 401, "missing_credentials", "Missing API key", Missing, "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task A_challenge_of_a_good_key_says_that_it_is_good()
    {
        await using var api = await SmallApi.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            await context.ChallengeAsync();
            await ApiKeyProblem.WriteAsync(context);
        }));

        await ShouldBeAsync(
            await api.SendAsync("/"), 401, "unauthorized", "Unauthorized",
            "The API key is valid, but it is not enough for this request. Ask an administrator what else it takes.", "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task The_user_of_another_scheme_stays_beside_the_key_where_a_scope_is_required()
    {
        await using var api = await SmallApi.StartAsync(
            services => services.AddAuthentication().AddApiKeys().AddScheme<AuthenticationSchemeOptions, OtherScheme>("Other", configureOptions: null),
            app => app.MapGet("/", (HttpContext context) => string.Join(' ', context.User.Identities.Select(identity => identity.AuthenticationType)))
                .RequireAuthorization(policy => policy.AddAuthenticationSchemes("Other", "ApiKey").RequireAuthenticatedUser())
                .RequireScope("a:read"));

        Assert.Equal("ApiKey Other", await api.TextAsync("/", OtherScheme.Header));
        Assert.Equal("ApiKey", await api.TextAsync("/"));
        await ShouldBeAsync(
            await api.SendAsync("/", key: null, OtherScheme.Header), 401, "missing_credentials", "Missing API key", Missing, "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task A_scope_is_required_of_keys_where_another_scheme_is_the_default()
    {
        await using var api = await SmallApi.StartAsync(
            services => services.AddAuthentication("Cookies").AddCookie("Cookies").AddApiKeys(),
            app =>
            {
                app.MapGet("/a", (HttpContext context) => context.User.Identity!.Name).RequireScope("a:read");
                app.MapGet("/b", () => "b").RequireScope("b:read");
            });

        Assert.Equal("A key", await api.TextAsync("/a"));
        await ShouldBeAsync(await api.SendAsync("/a", key: null), 401, "missing_credentials", "Missing API key", Missing, "Bearer realm=\"api\"");
        await ShouldBeAsync(
            await api.SendAsync("/b"), 403, "insufficient_scope", "Insufficient scope", "API key does not have the required scope: b:read",
            "Bearer error=\"insufficient_scope\", scope=\"b:read\"");
    }

    private static Task<SmallApi> StartAsync(params string[] schemes) => SmallApi.StartAsync(
        services => services.AddAuthentication().AddApiKeys().AddCookie("Cookies"),
        app =>
        {
            app.MapGet("/", () => "in").RequireAuthorization(policy => policy.AddAuthenticationSchemes(schemes).RequireAuthenticatedUser());
            app.MapGet("/nobody", () => "in").RequireAuthorization(policy => policy.AddAuthenticationSchemes(schemes).RequireRole("nobody"));
        });

    private static async Task ShouldBeAsync(
        HttpResponseMessage answer, int status, string code, string title, string detail, string? challenge = null)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(challenge ?? "", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal(["type", "title", "status", "detail", "code", "trace_id"], problem.EnumerateObject().Select(member => member.Name));
        Assert.Equal("urn:problem-type:apikeys:" + code, problem.GetProperty("type").GetString());
        Assert.Equal(title, problem.GetProperty("title").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
        Assert.Equal(code, problem.GetProperty("code").GetString());
    }

    /// <summary>Answers as the framework does, and writes our body where it is asked to.</summary>
    private sealed class OwnHandler : IAuthorizationMiddlewareResultHandler
    {
        public const string Header = "X-Write";

        private readonly AuthorizationMiddlewareResultHandler _framework = new();

        public async Task HandleAsync(
            RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
        {
            await _framework.HandleAsync(next, context, policy, authorizeResult);
            if (context.Request.Headers.ContainsKey(Header))
                await ApiKeyProblem.WriteAsync(context);
        }
    }
}
