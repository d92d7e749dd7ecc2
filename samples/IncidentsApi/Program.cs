using System.Security.Claims;
using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Swashbuckle;
using IncidentsApi;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication().AddApiKeys(options => builder.Configuration.Bind("ApiKeys", options));
builder.Services.AddAuthorization();
builder.Services.AddEndpointsApiExplorer().AddSwaggerGen(options => options.AddApiKeys());

var app = builder.Build();
app.UseSwagger();
app.UseSwaggerUI();
app.UseRouting();
app.UseApiKeys();

app.MapGet("/incidents", () => new[] { new Incident(1, "Impossible travel"), new Incident(2, "Beaconing to a new domain") })
    .RequireScope("incidents:read");

app.MapGet("/whoami", (ClaimsPrincipal user) => new { Key = user.Identity?.Name, MayWrite = user.HasScope("investigations:write") })
    .RequireApiKey();

app.Run();
