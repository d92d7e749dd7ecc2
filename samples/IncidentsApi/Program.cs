using System.Security.Claims;
using ApiKeys.AspNetCore;
using IncidentsApi;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication().AddApiKeys(options => builder.Configuration.Bind("ApiKeys", options));
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseApiKeys();

app.MapGet("/incidents", () => new[] { new Incident(1, "Impossible travel"), new Incident(2, "Beaconing to a new domain") })
    .RequireScope("incidents:read");

app.MapGet("/whoami", (ClaimsPrincipal user) => new { Key = user.Identity?.Name, MayWrite = user.HasScope("investigations:write") })
    .RequireApiKey();

app.Run();
