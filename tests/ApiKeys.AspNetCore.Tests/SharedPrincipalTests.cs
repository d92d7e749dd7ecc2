using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>Requests with the same key share what was prepared of it, and none leaves anything behind in it.</summary>
public sealed class SharedPrincipalTests
{
    private const string Elevating = "X-Elevate";

    private static readonly Claim Superuser = new(ClaimTypes.Role, "superuser");

    [Fact]
    public void To_change_the_shared_identity_throws_and_says_what_to_do()
    {
        var principal = Keys.Identity("acme", "a:read").Principal;
        var identity = (ClaimsIdentity)principal.Identity!;

        Assert.All<Action>(
            [
                () => principal.AddIdentity(new ClaimsIdentity()),
                () => principal.AddIdentities([new ClaimsIdentity()]),
                () => identity.AddClaim(Superuser),
                () => identity.AddClaims([Superuser]),
                () => identity.RemoveClaim(identity.Claims.First()),
                () => identity.TryRemoveClaim(identity.Claims.First()),
                () => new ClaimsPrincipal(principal).Identities.Single().AddClaim(Superuser),
            ],
            change => Assert.Contains("Clone()", Assert.Throws<InvalidOperationException>(change).Message, StringComparison.Ordinal));
        Assert.Equal(5, principal.Claims.Count());
    }

    [Fact]
    public void A_copy_of_the_principal_is_an_ordinary_one_with_nothing_in_common()
    {
        var principal = Keys.Identity("acme", "a:read").Principal;
        var copy = principal.Clone();

        ((ClaimsIdentity)copy.Identity!).AddClaim(new Claim(ApiKeyClaimTypes.Scope, "b:read"));
        copy.AddIdentity(new ClaimsIdentity([Superuser]));

        Assert.Equal(typeof(ClaimsPrincipal), copy.GetType());
        Assert.True(copy.HasScope("a:read") && copy.HasScope("b:read"));
        Assert.Equal("A key", copy.Identity.Name);
        Assert.Equal(ApiKeyDefaults.AuthenticationScheme, copy.Identity.AuthenticationType);
        Assert.False(principal.HasScope("b:read") || principal.HasClaim(ApiKeyClaimTypes.Scope, "b:read") || principal.IsInRole("superuser"));
        Assert.Empty(copy.Claims.Intersect(principal.Claims));
    }

    [Fact]
    public void A_copy_of_the_identity_is_an_ordinary_one()
    {
        var identity = (ClaimsIdentity)Keys.Identity("acme", "a:read").Principal.Identity!;
        var copy = identity.Clone();

        copy.AddClaim(Superuser);

        Assert.Equal(typeof(ClaimsIdentity), copy.GetType());
        Assert.Equal(identity.Claims.Count() + 1, copy.Claims.Count());
    }

    [Fact]
    public async Task A_claim_that_one_request_adds_to_its_copy_is_not_there_for_the_next()
    {
        await using var api = await SmallApi.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                context.User = context.User.Clone();
                if (context.Request.Headers.ContainsKey(Elevating))
                    ((ClaimsIdentity)context.User.Identity!).AddClaim(Superuser);

                return next();
            });
            app.UseAuthorization();
            app.MapGet("/", [Authorize(Roles = "superuser")] () => "superuser");
            app.MapGet("/scope", (ClaimsPrincipal user) => user.IsInRole("superuser")).RequireScope("a:read");
        });

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("/", headers: Elevating)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/")).StatusCode);
        Assert.Equal("true", await api.TextAsync("/scope", Elevating));
        Assert.Equal("false", await api.TextAsync("/scope"));
    }

    [Fact]
    public async Task A_scope_that_the_application_adds_to_the_user_is_not_the_keys()
    {
        await using var api = await SmallApi.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                context.User = context.User.Clone();
                context.User.AddIdentity(new ClaimsIdentity([new Claim(ApiKeyClaimTypes.Scope, "b:read")]));
                return next();
            });
            app.MapGet("/", () => "in").RequireScope("b:read");
        });

        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData(typeof(AddsAnIdentity))]
    [InlineData(typeof(AddsAClaim))]
    [InlineData(typeof(ChangesAClone))]
    public async Task A_transformation_may_add_to_what_it_is_given_and_nothing_is_left_behind(Type transformation)
    {
        await using var api = await SmallApi.StartAsync(
            services =>
            {
                services.AddHttpContextAccessor();
                services.AddScoped(typeof(IClaimsTransformation), transformation);
                services.AddApiKeyScheme();
            },
            app =>
            {
                app.MapGet("/role", [Authorize(Roles = "superuser")] () => "superuser");
                app.MapGet("/scope", (ClaimsPrincipal user) => string.Join(' ', user.FindAll(ClaimTypes.Role).Select(role => role.Value))).RequireScope("a:read");
                app.MapGet("/other", () => "b").RequireScope("b:read");
            });

        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/role")).StatusCode);
        Assert.Equal("superuser", await api.TextAsync("/role", Elevating));
        Assert.Equal("superuser", await api.TextAsync("/scope", Elevating));
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/role")).StatusCode);
        Assert.Equal("", await api.TextAsync("/scope"));
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("/other", headers: Elevating)).StatusCode);
    }

    [Fact]
    public async Task Without_a_transformation_all_requests_have_the_same_principal()
    {
        var seen = new List<ClaimsPrincipal>();
        await using var api = await SmallApi.StartAsync(app => app.MapGet("/", (HttpContext context) => seen.Add(context.User)).RequireScope("a:read"));

        await api.SendAsync("/");
        await api.SendAsync("/");

        Assert.Same(seen[0], seen[1]);
    }

    [Fact]
    public async Task The_properties_of_a_result_cannot_be_written_to_but_their_copies_can()
    {
        AuthenticateResult? seen = null;
        await using var api = await SmallApi.StartAsync(app => app.MapGet("/", async (HttpContext context) => { seen = await context.AuthenticateAsync(); }));
        await api.SendAsync("/");
        var shared = seen!.Properties!;

        Assert.All<Action>(
            [
                () => shared.ExpiresUtc = DateTimeOffset.UnixEpoch,
                () => shared.RedirectUri = "/",
                () => shared.StoreTokens([new AuthenticationToken { Name = "a", Value = "b" }]),
                () => shared.Items.Add("a", "b"),
                () => shared.Parameters["a"] = "b",
            ],
            write => Assert.Contains("Clone()", Assert.Throws<InvalidOperationException>(write).Message, StringComparison.Ordinal));
        Assert.Null(shared.ExpiresUtc);
        Assert.Empty(shared.GetTokens());
        shared.ExpiresUtc = null; // is so already

        Assert.All(
            [shared.Clone(), seen.Clone().Properties!, seen.Ticket!.Clone().Properties],
            copy =>
            {
                copy.ExpiresUtc = DateTimeOffset.UnixEpoch;
                copy.Parameters["a"] = "b";
            });
        Assert.Empty(shared.Items);
    }

    /// <summary>As Microsoft's documentation of claims transformation has it.</summary>
    private sealed class AddsAnIdentity(IHttpContextAccessor http) : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            var identity = new ClaimsIdentity();
            if (IsElevating(http) && !principal.HasClaim(claim => claim.Type == ClaimTypes.Role))
                identity.AddClaim(Superuser);

            principal.AddIdentity(identity);
            return Task.FromResult(principal);
        }
    }

    private sealed class AddsAClaim(IHttpContextAccessor http) : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            if (IsElevating(http))
                ((ClaimsIdentity)principal.Identity!).AddClaim(Superuser);

            return Task.FromResult(principal);
        }
    }

    private sealed class ChangesAClone(IHttpContextAccessor http) : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            var clone = principal.Clone();
            if (IsElevating(http) && !principal.HasClaim(claim => claim.Type == ClaimTypes.Role))
                ((ClaimsIdentity)clone.Identity!).AddClaim(Superuser);

            return Task.FromResult(clone);
        }
    }

    private static bool IsElevating(IHttpContextAccessor http) => http.HttpContext!.Request.Headers.ContainsKey(Elevating);
}
