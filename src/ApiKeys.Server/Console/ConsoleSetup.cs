using ApiKeys.Server.Auditing;
using ApiKeys.Server.Console.Pages;
using ApiKeys.Server.Console.Parts;
using ApiKeys.Server.Console.Sessions;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Console;

/// <summary>The administrators' pages: Razor components, rendered here, over the management API.</summary>
internal static class ConsoleSetup
{
    public const string Path = "/console";
    public const string RetryAfterSeconds = "5";

    public static IServiceCollection AddConsole(this IServiceCollection services, ConsoleOptions options)
    {
        services.AddSingleton(options);
        if (!options.Enabled)
            return services;

        services.AddAuthentication().AddCookie(SessionGate.Scheme);
        services.AddOptions<CookieAuthenticationOptions>(SessionGate.Scheme).Configure<SessionStore, ConsoleOptions>(ConfigureSession);
        services.AddDataProtection().SetApplicationName("ApiKeys");
        services.AddOptions<KeyManagementOptions>().Configure<SharedDataProtectionKeys>((keys, repository) => keys.XmlRepository = repository);
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "apikeys-form";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorComponents();
        return services
            .AddSingleton<SharedDataProtectionKeys>()
            .AddSingleton<SessionStore>()
            .AddSingleton<AdminApi>()
            .AddExceptionHandler<ConsoleErrors>();
    }

    /// <summary>Everything below <c>/console</c>, to its end.</summary>
    public static void UseConsole(this IApplicationBuilder app)
    {
        if (!app.ApplicationServices.GetRequiredService<ConsoleOptions>().Enabled)
            return;

        app.MapWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), console => // as routing compares
        {
            console.Use((context, next) =>
            {
                SetHeaders(context.Response);
                return next(context);
            });
            console.UseMiddleware<RefusalTrail>();
            console.UseWhen(
                static context => !context.Request.Path.StartsWithSegments(ConsoleAssets.Path, StringComparison.OrdinalIgnoreCase), // which are everybody's
                static pages => pages.UseMiddleware<SessionGate>());
            console.UseAntiforgery();
            console.Use(RefuseForeignFormsAsync);
            console.Use(ShowPageOfFormAsync);
            console.UseEndpoints(_ => { });
            console.Run(context => ShowAsync(context, StatusCodes.Status404NotFound));
        });
    }

    public static void MapConsole(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<ConsoleOptions>().Enabled)
            return;

        app.MapGet("/", () => TypedResults.Redirect(Path)).ExcludeFromDescription();
        app.MapConsoleAssets();
        app.MapSignOut();
        app.MapAuditCsv();
        app.MapRazorComponents<App>().Add(AuditSignIns);
    }

    /// <summary>A key that is refused there is told in the audit trail, as one that is refused by the API.</summary>
    private static void AuditSignIns(EndpointBuilder page)
    {
        if (page.Metadata.OfType<ComponentTypeMetadata>().Any(component => component.Type == typeof(SignIn)))
            page.Metadata.Add(new AuditedAction(AuditActions.SessionStarted, AuditTargets.Key, RouteParameter: null));
    }

    /// <summary>A page that says what went wrong, with this status.</summary>
    public static Task ShowAsync(HttpContext context, int status)
    {
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;

        return new RazorComponentResult<App>(new { Failure = status }) { StatusCode = status }.ExecuteAsync(context);
    }

    private static void ConfigureSession(CookieAuthenticationOptions session, SessionStore store, ConsoleOptions options)
    {
        session.SessionStore = store;
        session.CookieManager = new SessionCookies();
        session.Cookie.Name = "apikeys-session";
        session.Cookie.SameSite = SameSiteMode.Strict;
        session.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        session.ExpireTimeSpan = options.Idle;
        session.Events.OnCheckSlidingExpiration = context =>
        {
            context.ShouldRenew = context.ElapsedTime >= TimeSpan.FromMinutes(1); // the framework's half of the time would be felt as less
            return Task.CompletedTask;
        };
    }

    /// <summary>Nothing but this host's own files, in no frame, kept by no cache.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-cache, no-store";
    }

    /// <summary>Else the framework would answer 400 without a word.</summary>
    private static Task RefuseForeignFormsAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } ? ShowAsync(context, StatusCodes.Status400BadRequest) : next(context);

    /// <summary>
    /// A form that its page does not have, or no longer, since what it was about is gone: the page then says what there is. The framework
    /// would answer 400 without a word.
    /// </summary>
    private static async Task ShowPageOfFormAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (HttpMethods.IsPost(context.Request.Method) && context.Response is { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest })
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = $"{context.Request.Path}{context.Request.QueryString}";
        }
    }
}
