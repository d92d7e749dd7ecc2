using System.ComponentModel.DataAnnotations;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace ApiKeys.Server.SampleApi;

/// <summary>
/// A small security-operations API, so that scopes can be tried at once. It protects itself as anybody's API would: with the
/// package's scheme and <c>RequireScope</c>, and nothing else of this service.
/// </summary>
internal static class SampleEndpoints
{
    private const string EnabledSetting = "SampleApi:Enabled";

    /// <summary>Its scopes and roles; in front of all other configuration, which may add to them.</summary>
    public static IConfigurationSource Catalog { get; } = new JsonConfigurationSource
    {
        FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
        Path = "SampleApi/catalog.json",
    };

    /// <summary>The setting <c>SampleApi:Enabled</c>; true in Development.</summary>
    public static bool AreEnabled(IConfiguration configuration) => bool.TryParse(configuration[EnabledSetting], out var enabled) && enabled;

    public static IEnumerable<string> Errors(IConfiguration configuration) =>
        configuration[EnabledSetting] is { } text && !bool.TryParse(text, out _) ? [$"{EnabledSetting} is '{text}' and must be true or false."] : [];

    public static void MapSampleApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapManagement("/api/v1", "Sample API");

        api.MapGet("/incidents", (SecurityOperations soc) => TypedResults.Ok(soc.Incidents)).RequireScope("incidents:read")
            .Describe("ListIncidents", "List incidents").Answers(400, 401, 403, 429, 503);
        api.MapGet("/incidents/{id}", GetIncident).RequireScope("incidents:read")
            .Describe("GetIncident", "Get one incident").Answers(400, 401, 403, 404, 429, 503);

        api.MapGet("/search", Search).RequireScope("search:read")
            .Describe("Search", "Search in incidents", "All of them where `q` is left out.").Answers(400, 401, 403, 429, 503);
        api.MapGet("/search/{q}", Search).RequireScope("search:read")
            .Describe("SearchPath", "Search in incidents, the text in the path").Answers(400, 401, 403, 429, 503);

        api.MapGet("/graph/{id}", GetGraph).RequireScope("graph:read")
            .Describe("GetGraph", "Get the incidents that share something with one").Answers(400, 401, 403, 404, 429, 503);

        api.MapGet("/investigations/{id}", GetInvestigation).RequireScope("investigations:read")
            .Describe("GetInvestigation", "Get one investigation").Answers(400, 401, 403, 404, 429, 503);
        api.MapGet("/sessions/{id}", GetInvestigation).RequireScope("investigations:read")
            .Describe("GetSession", "Get the session of an investigation").Answers(400, 401, 403, 404, 429, 503);

        api.MapPost("/investigations/start", Start).RequireScope("investigations:write")
            .Describe("StartInvestigation", "Start an investigation").Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);
        api.MapPost("/sessions/{id}/message", Write).RequireScope("investigations:write")
            .Describe("WriteMessage", "Write to the session of an investigation").Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);
    }

    /// <summary>What to investigate.</summary>
    /// <param name="IncidentId" example="inc-1">The id of an incident.</param>
    public sealed record StartRequest([property: Required] string? IncidentId);

    /// <summary>What to write.</summary>
    /// <param name="Text" example="Isolated the host.">Up to 1,000 characters.</param>
    public sealed record MessageRequest([property: Required, StringLength(1000, MinimumLength = 1)] string? Text);

    public sealed class MessageValidator : AbstractValidator<MessageRequest>
    {
        public MessageValidator() => RuleFor(r => r.Text).NotNull().WithMessage("is required.").TrimmedText(1, 1000);
    }

    private static Results<Ok<Incident>, ProblemHttpResult> GetIncident(string id, SecurityOperations soc) =>
        soc.Incident(id) is { } incident ? TypedResults.Ok(incident) : Problems.NoSuchThing();

    private static Ok<IEnumerable<Incident>> Search(string? q, SecurityOperations soc) => TypedResults.Ok(soc.Search(q ?? ""));

    private static Results<Ok<IEnumerable<Incident>>, ProblemHttpResult> GetGraph(string id, SecurityOperations soc) =>
        soc.Incident(id) is { } center
            ? TypedResults.Ok(soc.Incidents.Where(other => other != center && other.Related.Intersect(center.Related).Any()))
            : Problems.NoSuchThing();

    private static Results<Ok<Investigation>, ProblemHttpResult> GetInvestigation(string id, SecurityOperations soc) =>
        soc.Investigation(id) is { } investigation ? TypedResults.Ok(investigation) : Problems.NoSuchThing();

    private static Results<Created<Investigation>, ProblemHttpResult> Start(StartRequest request, SecurityOperations soc)
    {
        if (soc.Incident(request.IncidentId ?? "") is not { } incident)
            return Problems.Invalid("incident_id", "is not the id of an incident, such as inc-1.");

        return soc.Start(incident) is { } investigation
            ? TypedResults.Created($"/api/v1/investigations/{investigation.Id}", investigation)
            : Problems.SampleIsFull();
    }

    private static Results<Ok<Investigation>, ProblemHttpResult> Write(string id, MessageRequest request, SecurityOperations soc)
    {
        if (soc.Investigation(id) is not { } investigation)
            return Problems.NoSuchThing();

        return soc.Write(investigation, request.Text!.Trim()) is { } written ? TypedResults.Ok(written) : Problems.SampleIsFull();
    }
}
