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

    /// <summary>The problems that it answers, beside what its result type says.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder builder, params int[] problemStatuses)
    {
        foreach (var status in problemStatuses)
            builder.ProducesProblem(status);

        return builder;
    }
}
