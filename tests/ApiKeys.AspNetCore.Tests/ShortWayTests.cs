using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>With <c>UseApiKeys()</c> all is answered as without it; and to endpoints that keys alone open it is the shorter way.</summary>
public sealed class ShortWayTests
{
    private static readonly string[] Paths = ["/scope", "/other-scope", "/both", "/policy", "/anyone", "/nowhere"];
    private readonly AnsweringVerifier _verifier = new() { Answer = Keys.Accepted("a:read") };

    public static TheoryData<string> Outcomes => [.. Enum.GetNames<ApiKeyOutcome>(), "no key"];

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task Every_answer_is_the_same_on_either_way(string outcome)
    {
        var key = outcome == "no key" ? null : "value";
        _verifier.Answer = outcome is "no key" or nameof(ApiKeyOutcome.Accepted) ? _verifier.Answer : Keys.Refused(Enum.Parse<ApiKeyOutcome>(outcome));
        await using var longWay = await StartAsync(_ => { }, isShort: false);
        await using var shortWay = await StartAsync(_ => { }, isShort: true);

        foreach (var path in Paths)
            Assert.Equal(await AnswerAsync(longWay, path, key), await AnswerAsync(shortWay, path, key));
    }

    [Theory]
    [InlineData("/scope", 200, true)]
    [InlineData("/other-scope", 403, true)]
    [InlineData("/both", 200, false)]
    [InlineData("/policy", 200, false)]
    public async Task Only_what_keys_alone_open_is_reached_the_short_way_and_a_key_is_verified_once(string path, int status, bool isShort)
    {
        await using var api = await StartAsync(_ => { }, isShort: true);

        var answer = await api.SendAsync(path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(isShort, IsShort(answer));
        Assert.Single(_verifier.Questions);
    }

    [Fact]
    public async Task A_refused_key_is_verified_once()
    {
        _verifier.Answer = ApiKeyDecision.InvalidKey;
        await using var api = await StartAsync(_ => { }, isShort: true);

        Assert.Equal(HttpStatusCode.Unauthorized, (await api.SendAsync("/scope")).StatusCode);

        Assert.Single(_verifier.Questions);
    }

    [Fact]
    public async Task What_the_application_has_of_its_own_is_not_passed_by()
    {
        Action<IServiceCollection>[] own =
        [
            services => services.AddScoped<IApiKeyVerifier>(_ => _verifier),
            services => services.AddSingleton<IClaimsTransformation, Nothing>(),
            services => services.AddTransient<IAuthenticationService, OwnService>(),
            services => services.Configure<AuthorizationOptions>(options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => true).Build()),
        ];
        foreach (var register in own)
        {
            await using var api = await StartAsync(register, isShort: true);
            Assert.False(IsShort(await api.SendAsync("/scope")));
        }
    }

    [Fact]
    public async Task A_fallback_policy_holds_for_what_requires_a_scope()
    {
        await using var api = await StartAsync(
            services => services.Configure<AuthorizationOptions>(options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireRole("nobody").Build()),
            isShort: true);

        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/scope")).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_sets_another_user_on_the_way_does_not_bring_scopes(bool byResult)
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ApiKeyClaimTypes.Scope, "b:read")], ApiKeyDefaults.AuthenticationScheme));
        await using var api = await StartAsync(_ => { }, isShort: true, app => app.Use((context, next) =>
        {
            if (byResult)
                context.Features.Get<IAuthenticateResultFeature>()!.AuthenticateResult = AuthenticateResult.Success(new AuthenticationTicket(user, "Another"));
            else
                context.User = user;

            return next();
        }));

        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/other-scope")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("/scope")).StatusCode);
    }

    private static bool IsShort(HttpResponseMessage answer) => answer.Headers.GetValues("X-Way").Single() == "short";

    private static async Task<string> AnswerAsync(SmallApi api, string path, string? key)
    {
        using var answer = await api.SendAsync(path, key);
        return $"{path} {(int)answer.StatusCode} {answer.Headers.WwwAuthenticate} {answer.Headers.RetryAfter} {await answer.Content.ReadAsStringAsync()}";
    }

    private Task<SmallApi> StartAsync(Action<IServiceCollection> register, bool isShort, Action<WebApplication>? use = null) => SmallApi.StartAsync(
        services =>
        {
            services.AddApiKeyScheme();
            services.AddSingleton<IApiKeyVerifier>(_verifier);
            register(services);
        },
        app =>
        {
            if (isShort)
                app.UseApiKeys();

            app.Use((context, next) =>
            {
                var isOurs = context.Features.Get<IHttpAuthenticationFeature>()?.GetType().Assembly == typeof(ApiKeyMiddleware).Assembly;
                context.Response.Headers["X-Way"] = isOurs ? "short" : "long";
                return next();
            });
            use?.Invoke(app);
            app.MapGet("/scope", (ClaimsPrincipal user) => user.Identity!.Name).RequireScope("a:read");
            app.MapGet("/other-scope", () => "in").RequireScope("b:read");
            app.MapGet("/both", () => "in").RequireScope("a:read").RequireAuthorization();
            app.MapGet("/policy", [Authorize] (ClaimsPrincipal user) => user.Identity!.Name);
            app.MapGet("/anyone", () => "in");
        });

    private sealed class Nothing : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal) => Task.FromResult(principal);
    }

    private sealed class OwnService(
        IAuthenticationSchemeProvider schemes, IAuthenticationHandlerProvider handlers, IClaimsTransformation transformation,
        Microsoft.Extensions.Options.IOptions<AuthenticationOptions> options) : AuthenticationService(schemes, handlers, transformation, options);
}
