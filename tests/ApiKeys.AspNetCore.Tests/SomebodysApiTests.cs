using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>The package in an API that is not ours, with the options, policies and JSON settings of its own.</summary>
public sealed class SomebodysApiTests : IAsyncLifetime
{
    private readonly WebApplication _api;
    private readonly AnsweringVerifier _verifier = new();

    public SomebodysApiTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<IApiKeyVerifier>(_verifier);
        builder.Services.AddAuthorizationBuilder().AddPolicy("acme", policy => policy.RequireClaim(ApiKeyClaimTypes.Organization, "acme"));
        builder.Services.AddAuthentication(ApiKeyDefaults.AuthenticationScheme).AddApiKeys(options =>
        {
            options.HeaderName = "X-Acme-Key";
            options.Realm = "acme";
            options.RetryAfterSeconds = 7;
        });

        _api = builder.Build();
        _api.MapGet("/open", () => "open");
        _api.MapGet("/me", (ClaimsPrincipal user) => new { user.Identity!.Name, Key = user.FindFirstValue(ApiKeyClaimTypes.KeyId) })
            .RequireAuthorization();
        _api.MapGet("/attribute", [Authorize] () => "attribute");
        _api.MapGet("/policy", () => "policy").RequireAuthorization("acme");
        _api.MapGet("/both", () => "both").RequireScope("a:read").RequireScope("b:read");
        _api.MapGroup("/group").RequireScope("a:read").MapGet("/inside", () => "inside");
    }

    public Task InitializeAsync() => _api.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Policies_attributes_and_the_user_work_as_with_any_scheme()
    {
        _verifier.Answer = Keys.Accepted("a:read");

        var me = await (await SendAsync("/me", "value")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("A key", me.GetProperty("name").GetString());
        Assert.Equal("k_7Fq2mZ81xY4c", me.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/attribute", "value")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/policy", "value")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/group/inside", "value")).StatusCode);
    }

    [Fact]
    public async Task An_endpoint_without_a_policy_is_open_whatever_is_presented()
    {
        _verifier.Answer = ApiKeyDecision.Unavailable;

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/open")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/open", "value")).StatusCode);
    }

    [Theory]
    [InlineData("a:read", "b:read")]
    [InlineData("b:read", "a:read")]
    public async Task Of_two_scopes_the_missing_one_is_named(string held, string missing)
    {
        _verifier.Answer = Keys.Accepted(held);

        var refused = await SendAsync("/both", "value");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"{missing}\"", refused.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Another_policy_that_fails_is_403_without_a_scope()
    {
        _verifier.Answer = ApiKeyDecision.Accept(Keys.Identity("other", "a:read"));

        var refused = await SendAsync("/policy", "value");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Empty(refused.Headers.WwwAuthenticate);
        Assert.Equal("forbidden", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_challenge_names_the_realm_and_the_header_that_were_configured()
    {
        var refused = await SendAsync("/me");

        Assert.Equal("Bearer realm=\"acme\"", refused.Headers.WwwAuthenticate.ToString());
        Assert.Contains("X-Acme-Key", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task When_nobody_can_tell_it_is_503_and_says_when_to_try_again()
    {
        _verifier.Answer = ApiKeyDecision.Unavailable;

        var refused = await SendAsync("/me", "value");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter!.Delta);
        Assert.Empty(refused.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task The_verifier_is_asked_once_a_request_with_what_was_presented()
    {
        _verifier.Answer = Keys.Accepted("a:read", "b:read");

        await SendAsync("/both", "  the value ");

        Assert.Equal("the value", Assert.Single(_verifier.Questions).Key.Reveal());
    }

    [Fact]
    public void What_was_presented_prints_redacted()
    {
        var question = new ApiKeyQuestion(new PresentedApiKey("sk_live_secret"), IPAddress.Loopback);

        Assert.DoesNotContain("secret", $"{question} {question.Key}", StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? key = null)
    {
        using var client = _api.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("X-Acme-Key", key);

        return await client.SendAsync(request);
    }
}
