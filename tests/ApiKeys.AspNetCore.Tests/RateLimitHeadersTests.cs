using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>What an API says of limits, whoever keeps them.</summary>
public sealed class RateLimitHeadersTests
{
    private static readonly ApiKeyRatePolicy Policy = new("key", 100, 60);
    private readonly AnsweringVerifier _verifier = new();

    [Theory]
    [InlineData("/scope")]
    [InlineData("/policy")]
    public async Task An_accepted_request_is_told_what_is_left(string path)
    {
        _verifier.Answer = Keys.Accepted("a:read").With(new ApiKeyRateLimit(Policy, Remaining: 50, ResetSeconds: 30));
        await using var api = await StartAsync();

        using var answer = await api.SendAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("\"key\";q=100;w=60", "\"key\";r=50;t=30"), Fields(answer));
        Assert.Null(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("/scope")]
    [InlineData("/policy")]
    public async Task A_refused_one_is_told_when_to_come_again(string path)
    {
        _verifier.Answer = ApiKeyDecision.RefuseRate(new ApiKeyRateLimit(Policy, Remaining: 0, ResetSeconds: 30), Keys.Identity("acme"));
        await using var api = await StartAsync();

        using var answer = await api.SendAsync(path);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(("\"key\";q=100;w=60", "\"key\";r=0;t=30"), Fields(answer));
        Assert.Equal(TimeSpan.FromSeconds(30), answer.Headers.RetryAfter!.Delta);
        Assert.Contains("\"code\":\"rate_limited\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task The_verifier_is_asked_for_the_scopes_of_the_endpoint()
    {
        _verifier.Answer = Keys.Accepted("a:read");
        await using var api = await StartAsync();

        await api.SendAsync("/scope");
        await api.SendAsync("/policy");

        Assert.Equal(["a:read"], _verifier.Questions[0].Scopes);
        Assert.Empty(_verifier.Questions[1].Scopes);
        Assert.All(_verifier.Questions, question => Assert.Equal(1, question.Cost));
    }

    [Fact]
    public async Task A_scope_that_the_verifier_misses_is_named()
    {
        _verifier.Answer = ApiKeyDecision.RefuseScope("a:read", Keys.Identity("acme"));
        await using var api = await StartAsync();

        using var answer = await api.SendAsync("/scope");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"a:read\"", answer.Headers.WwwAuthenticate.ToString());
    }

    /// <summary>To come with something else would be of no use, so nobody is sent to a login page.</summary>
    [Theory]
    [InlineData("ApiKey", "Cookies")]
    [InlineData("ApiKey", "Other")]
    [InlineData("Other", "ApiKey")]
    public async Task A_good_key_that_is_refused_is_told_so_whatever_other_schemes_a_policy_has(params string[] schemes)
    {
        await using var api = await SmallApi.StartAsync(
            services =>
            {
                services.AddAuthentication().AddApiKeys().AddCookie("Cookies").AddScheme<AuthenticationSchemeOptions, OtherScheme>("Other", configureOptions: null);
                services.AddSingleton<IApiKeyVerifier>(_verifier);
            },
            app => app.MapGet("/", () => "in").RequireScope("a:read").RequireAuthorization(
                policy => policy.AddAuthenticationSchemes(schemes).RequireAuthenticatedUser()));

        _verifier.Answer = ApiKeyDecision.RefuseScope("a:read", Keys.Identity("acme"));
        using var forbidden = await api.SendAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"a:read\"", forbidden.Headers.WwwAuthenticate.ToString());
        Assert.Contains("insufficient_scope", await forbidden.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        _verifier.Answer = ApiKeyDecision.RefuseRate(new ApiKeyRateLimit(Policy, Remaining: 0, ResetSeconds: 30), Keys.Identity("acme"));
        using var limited = await api.SendAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.Null(limited.Headers.Location);
        Assert.Equal(("\"key\";q=100;w=60", "\"key\";r=0;t=30"), Fields(limited));
    }

    [Fact]
    public async Task A_request_is_charged_once_however_often_it_is_authenticated()
    {
        _verifier.Answer = Keys.Accepted("a:read").With(new ApiKeyRateLimit(Policy, Remaining: 50, ResetSeconds: 30));
        await using var api = await StartAsync();

        using var answer = await api.SendAsync("/again");

        Assert.Equal("k_7Fq2mZ81xY4c", await answer.Content.ReadAsStringAsync());
        Assert.Single(_verifier.Questions);
    }

    [Fact]
    public async Task It_may_be_authenticated_when_the_answer_has_begun()
    {
        _verifier.Answer = Keys.Accepted("a:read").With(new ApiKeyRateLimit(Policy, Remaining: 50, ResetSeconds: 30));
        await using var api = await StartAsync();

        using var answer = await api.SendAsync("/late");

        Assert.Equal("begun and authenticated", await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("RateLimit"));
    }

    [Fact]
    public void What_needs_more_to_be_said_is_not_refused_without_it()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ApiKeyDecision.Refuse(ApiKeyOutcome.RateLimited));
        Assert.Throws<ArgumentOutOfRangeException>(() => ApiKeyDecision.Refuse(ApiKeyOutcome.InsufficientScope));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApiKeyRatePolicy("key", 0, 60));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApiKeyRatePolicy("key", 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApiKeyQuestion { Cost = -1 });
    }

    private Task<SmallApi> StartAsync() => SmallApi.StartAsync(
        services =>
        {
            services.AddAuthentication().AddCookie("Cookies").AddApiKeys();
            services.Configure<AuthenticationOptions>(options => options.DefaultScheme = "Cookies");
            services.AddSingleton<IApiKeyVerifier>(_verifier);
        },
        app =>
        {
            app.UseApiKeys();
            app.MapGet("/scope", () => "scope").RequireScope("a:read");
            app.MapGet("/policy", () => "policy").RequireAuthorization(policy => policy.AddAuthenticationSchemes(ApiKeyDefaults.AuthenticationScheme).RequireAuthenticatedUser());
            app.MapGet("/again", async (HttpContext context) =>
                (await context.AuthenticateAsync(ApiKeyDefaults.AuthenticationScheme)).Principal!.FindFirst(ApiKeyClaimTypes.KeyId)!.Value).RequireScope("a:read");
            app.MapGet("/late", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("begun ");
                await context.Response.Body.FlushAsync();
                var result = await context.AuthenticateAsync(ApiKeyDefaults.AuthenticationScheme);
                await context.Response.WriteAsync(result.Succeeded ? "and authenticated" : "and not");
            });
        });

    private static (string Policy, string Limit) Fields(HttpResponseMessage answer) =>
        (Assert.Single(answer.Headers.GetValues("RateLimit-Policy")), Assert.Single(answer.Headers.GetValues("RateLimit")));
}
