using ApiKeys.AspNetCore;
using ApiKeys.Server;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Bootstrap;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Console;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Keys;
using ApiKeys.Server.Members;
using ApiKeys.Server.Organizations;
using ApiKeys.Server.SampleApi;
using ApiKeys.Server.Verification;
using ApiKeys.Server.Verification.Gateway;

return await StartUp.GuardAsync(async () =>
{
    if (Commands.AreIn(args))
        return await Commands.RunAsync(args);

    var builder = ServerBuilder.Create(args);
    await using var database = await builder.AddServerAsync(forCommand: false, CancellationToken.None);
    await using var app = builder.Build();
    await StartUp.MigrateAsync(app, CancellationToken.None);
    app.Services.GetRequiredService<LiveCatalog>(); // watches its files from now on

    app.UseGatewayGate(); // by the connection, before anybody is believed where a request comes from
    app.Services.GetRequiredService<TrustedProxies>().Use(app);
    app.UseMiddleware<RequestLog>();
    app.UseExceptionHandler(_ => { });
    ProblemResponses.UseForStatus(app);
    app.UseRouting();
    app.UseWhen(static context => context.GetEndpoint() is null, static pages => // which no other request needs to pass
    {
        pages.UseHealth();
        pages.UseSwaggerPages();
    });
    app.UseConsole();
    app.UseMiddleware<RefusalTrail>();
    app.UseBodiesFirst();
    app.UseBasicCredentials();
    app.UseApiKeys();
    app.UseUtf8Bodies();
    app.UseIdempotency();

    app.MapKeys();
    app.MapMe();
    app.MapMembers();
    app.MapOrganizations();
    app.MapAuditEvents();
    app.MapVerification();
    app.MapConsole();
    if (SampleEndpoints.AreEnabled(app.Configuration))
        app.MapSampleApi();

    await StartUp.ListenAsync(app);
    await StartUp.WelcomeAsync(app);
    await app.WaitForShutdownAsync();
    return 0;
});
