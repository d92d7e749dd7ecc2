namespace ApiKeys.Server.Http.OpenApi;

/// <summary>What a route table says of an endpoint for the OpenAPI document.</summary>
internal static class EndpointDescriptions
{
    /// <param name="builder">The endpoint.</param>
    /// <param name="operationId">The name that generated clients give to the call.</param>
    /// <param name="summary">A few words.</param>
    /// <param name="description">What the summary does not say.</param>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder builder, string operationId, string summary, string description = "") =>
        builder.WithName(operationId).WithSummary(summary).WithDescription(description);

    /// <summary>A body of RFC 7396, or the same sent as plain JSON.</summary>
    public static RouteHandlerBuilder AcceptsMergePatch<T>(this RouteHandlerBuilder builder)
        where T : notnull => builder.Accepts<T>("application/merge-patch+json", "application/json");

    /// <summary>The problems that it answers, beside what its result type says, and 500, which nobody can rule out.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder builder, params int[] problemStatuses)
    {
        foreach (var status in problemStatuses.Append(StatusCodes.Status500InternalServerError).Order())
            builder.ProducesProblem(status);

        return builder;
    }
}
